//! Turns the catalogue's tables (`src/catalogue/tables/*.json`) into Rust source with
//! `static` tables, so that the program parses nothing when it starts. Equal kinds,
//! field lists and value lists become one static. `src/catalogue/` includes the result.
//! Joins the parts of the scripts for browsers (`templates/stripe-js/`, `templates/stripe-frames/`) as well, and lists the files of
//! `templates/ui/`, whose modules become one script.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

const TABLES: &str = "src/catalogue/tables";
/// The script that a page contains.
const PAGE_SCRIPT: &str = "templates/checkout.js";
/// The folder with the files of the page for the person who develops.
const UI: &str = "templates/ui";
/// The module that the page loads.
const MAIN: &str = "main.js";
/// The folders of the scripts that are joined, in `templates/`.
const SCRIPTS: [&str; 2] = ["stripe-js", "stripe-frames"];

type Json = Map<String, Value>;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={TABLES}");
    link_at_a_fixed_address();
    let project = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let root = project.join(TABLES);
    let mut source = Source::new(read(&root.join("shapes.json")));
    source.api(&read(&root.join("api.json")));
    source.operations(&folder(&root.join("operations")));
    source.objects(&folder(&root.join("objects")));
    source.events(&read(&root.join("events.json")));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("catalogue.rs"), source.text).expect("OUT_DIR is writable");
    for script in SCRIPTS {
        println!("cargo:rerun-if-changed=templates/{script}");
        let parts = project.join("templates").join(script);
        fs::write(out.join(format!("{script}.js")), joined(&parts)).expect("OUT_DIR is writable");
    }
    println!("cargo:rerun-if-changed={UI}");
    fs::write(out.join("ui.rs"), served(&project.join(UI), &out.join("ui"))).expect("OUT_DIR is writable");
    println!("cargo:rerun-if-changed={PAGE_SCRIPT}");
    let script = fs::read_to_string(project.join(PAGE_SCRIPT)).expect("the script of the page is there");
    fs::write(out.join("checkout.js"), code_of(&script)).expect("OUT_DIR is writable");
}

/// One script of the parts that a folder's `tsconfig.json` names, in its order, in a scope of its own.
fn joined(folder: &Path) -> String {
    let path = folder.join("tsconfig.json");
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    // It may have comments, unlike other JSON.
    let text: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let config: Json = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let files = config.get("files").and_then(Value::as_array).expect("a tsconfig.json names its files");
    let names = files.iter().filter_map(Value::as_str).filter(|name| !name.ends_with(".d.ts"));
    let parts: String = names
        .map(|name| {
            fs::read_to_string(folder.join(name)).unwrap_or_else(|e| panic!("{}: {name}: {e}", folder.display()))
        })
        .collect();
    format!("(() => {{\n\"use strict\";\n{}}})();\n", code_of(&parts))
}

/// The files of a folder that a browser loads, as a static, in the order of their names; `out` gets them without comments.
fn served(folder: &Path, out: &Path) -> String {
    fs::create_dir_all(out).expect("OUT_DIR is writable");
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|e| e.expect("a readable entry").path()).collect();
    files.sort();
    let (mut list, mut count) = (String::new(), 0);
    for file in files {
        let name = file.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        let text = || fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let (kind, text) = match file.extension().and_then(|x| x.to_str()) {
            Some("js") if name == MAIN => ("SCRIPT", linked(folder)),
            // A part of the script.
            Some("js") => continue,
            Some("css") => ("STYLE", style_of(&text())),
            Some("html") => ("DOCUMENT", lines_of(&text())),
            // What the check of types reads.
            _ => continue,
        };
        let place = out.join(&name);
        fs::write(&place, text).expect("OUT_DIR is writable");
        count += 1;
        write!(list, "file({name:?}, {kind}, include_str!({:?})),", place.display().to_string())
            .expect("a string takes it");
    }
    format!("static FILES: [BrowserFile; {count}] = [{list}];")
}

/// The modules of a page as one script, which a browser loads and unpacks at once: those that a module imports stand before it, each in a
/// scope of its own; what `core.js` exports is seen by all. Imports and exports stand on lines of their own, at the beginning of a line.
fn linked(folder: &Path) -> String {
    let mut script = code_of(&module(folder, "core")).replace("\nexport ", "\n");
    let mut done = vec!["core".to_owned()];
    link(folder, MAIN.trim_end_matches(".js"), &mut done, &mut script);
    without(&script, "/** @", "*/ ")
}

/// Adds a module after those that it imports.
fn link(folder: &Path, name: &str, done: &mut Vec<String>, script: &mut String) {
    if done.iter().any(|known| known == name) {
        return;
    }
    done.push(name.to_owned());
    let (mut text, mut names) = (String::new(), Vec::new());
    let code = code_of(&module(folder, name));
    for line in code.lines() {
        if let Some((what, from)) = line.strip_prefix("import ").and_then(|rest| rest.split_once(" from \"./")) {
            let from = from.strip_suffix(".js\";").unwrap_or_else(|| panic!("{name}.js: {line}"));
            link(folder, from, done, script);
            match what.strip_prefix('{') {
                Some(_) if from == "core" => {}
                Some(_) => writeln!(text, "const {what} = {from}_;").expect("a string takes it"),
                None => writeln!(text, "const {what} = {from}_.page;").expect("a string takes it"),
            }
        } else if let Some(page) = line.strip_prefix("export default ") {
            names.push("page");
            writeln!(text, "const page = {page}").expect("a string takes it");
        } else if let Some(rest) = line.strip_prefix("export ") {
            let bare = rest.strip_prefix("async ").unwrap_or(rest);
            let mut words = bare.split(|c: char| !c.is_alphanumeric() && c != '_').skip(1);
            names.push(words.next().unwrap_or_else(|| panic!("{name}.js: {line}")));
            writeln!(text, "{rest}").expect("a string takes it");
        } else {
            writeln!(text, "{line}").expect("a string takes it");
        }
    }
    let names = names.join(", ");
    writeln!(script, "const {name}_ = (() => {{\n{text}return {{ {names} }};\n}})();").expect("a string takes it");
}

fn module(folder: &Path, name: &str) -> String {
    let path = folder.join(format!("{name}.js"));
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A style without comments.
fn style_of(style: &str) -> String {
    lines_of(&without(style, "/*", "*/"))
}

/// A text without what stands between two marks, and without them.
fn without(text: &str, begins: &str, ends: &str) -> String {
    let (mut rest, mut left) = (text, String::new());
    while let Some((before, from)) = rest.split_once(begins) {
        left.push_str(before);
        rest = from.split_once(ends).expect("a comment ends").1;
    }
    left + rest
}

/// A text without how it is set.
fn lines_of(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).flat_map(|line| [line, "\n"]).collect()
}

/// A script without what explains it to its readers, and without how it is set.
fn code_of(script: &str) -> String {
    let is_comment = |line: &&str| {
        let begins = ["//", "/*", "* ", "*/"].iter().any(|mark| line.starts_with(mark));
        assert!(
            !begins || line.starts_with("//") || line.split_once("*/").is_none_or(|(_, code)| code.is_empty()),
            "code behind a comment: {line}"
        );
        begins || *line == "*"
    };
    let lines = script.lines().map(str::trim_start).filter(|line| !line.is_empty() && !is_comment(line));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// A program that can be loaded anywhere has to put the address of each string of the tables right when it starts, and
/// holds a list of all of them: two megabytes for nothing.
fn link_at_a_fixed_address() {
    let target = |name: &str| env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}

fn read(path: &Path) -> Json {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Every table of a folder, in the order of their file names.
fn folder(path: &Path) -> Vec<Json> {
    let entries = fs::read_dir(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut files: Vec<PathBuf> = entries.map(|e| e.expect("a readable entry").path()).collect();
    files.retain(|f| f.extension().is_some_and(|x| x == "json"));
    files.sort();
    files.iter().map(|f| read(f)).collect()
}

fn text<'a>(json: &'a Json, key: &str) -> &'a str {
    json.get(key).and_then(Value::as_str).unwrap_or_else(|| panic!("no `{key}` in {json:?}"))
}

fn flag(json: &Json, key: &str) -> bool {
    json.get(key) == Some(&Value::Bool(true))
}

/// The Rust source under construction.
struct Source {
    text: String,
    /// Field lists that several types share, by name.
    shapes: Json,
    /// Statics by what they are made of, so that equal ones are written once.
    known: HashMap<String, String>,
}

impl Source {
    fn new(shapes: Json) -> Self {
        Source { text: String::new(), shapes, known: HashMap::new() }
    }

    /// Writes `static {prefix}{n}: {kind} = {value};` once per value and returns its name.
    fn intern(&mut self, prefix: &str, kind: &str, value: &str) -> String {
        let key = format!("{prefix}{value}");
        if let Some(name) = self.known.get(&key) {
            return name.clone();
        }
        let name = format!("{prefix}{}", self.known.len());
        writeln!(self.text, "static {name}: {kind} = {value};").expect("a string takes it");
        self.known.insert(key, name.clone());
        name
    }

    /// A static slice of strings, as an expression.
    fn strings<'a>(&mut self, values: impl IntoIterator<Item = &'a str>) -> String {
        let values: Vec<String> = values.into_iter().map(|v| format!("{v:?}")).collect();
        if values.is_empty() {
            return "&[]".to_owned();
        }
        let list = format!("[{}]", values.join(","));
        format!("&{}", self.intern("S", &format!("[&str; {}]", values.len()), &list))
    }

    fn json_strings(&mut self, values: &Value) -> String {
        let list = values.as_array().unwrap_or_else(|| panic!("not a list: {values}"));
        let list: Vec<&str> = list.iter().map(|v| v.as_str().expect("a string")).collect();
        self.strings(list)
    }

    /// The fields of a type, an operation or an object: its own or those of its shape.
    fn fields_of(&mut self, json: &Json) -> String {
        let own = match json.get("shape").and_then(Value::as_str) {
            Some(shape) => self.shapes.get(shape).unwrap_or_else(|| panic!("no shape {shape}")).clone(),
            None => json.get("fields").cloned().unwrap_or_else(|| panic!("no fields in {json:?}")),
        };
        self.fields(own.as_object().expect("fields are an object"))
    }

    fn fields(&mut self, json: &Json) -> String {
        if json.is_empty() {
            return "&[]".to_owned();
        }
        let sorted: BTreeMap<&str, &Json> =
            json.iter().map(|(n, f)| (n.as_str(), f.as_object().expect("a field"))).collect();
        let mut list = String::from("[");
        for (name, field) in &sorted {
            let kind = self.kind(field);
            let [required, emptyable, nullable, optional, legacy] =
                ["required", "emptyable", "nullable", "optional", "legacy"].map(|k| flag(field, k));
            write!(
                list,
                "Field{{name:{name:?},kind:&{kind},required:{required},emptyable:{emptyable},\
                 nullable:{nullable},optional:{optional},legacy:{legacy}}},"
            )
            .expect("a string takes it");
        }
        list.push(']');
        format!("&{}", self.intern("F", &format!("[Field; {}]", sorted.len()), &list))
    }

    /// The static that holds a type's kind.
    fn kind(&mut self, json: &Json) -> String {
        let value = match text(json, "type") {
            "string" => {
                let max_length = json.get("max_length").and_then(Value::as_u64).unwrap_or(0);
                format!("Type::String{{max_length:{max_length}}}")
            }
            "integer" => "Type::Integer".to_owned(),
            "number" => "Type::Number".to_owned(),
            "boolean" => "Type::Boolean".to_owned(),
            "timestamp" => "Type::Timestamp".to_owned(),
            "decimal" => "Type::Decimal".to_owned(),
            "int64_string" => "Type::Int64String".to_owned(),
            "free_object" => "Type::FreeObject".to_owned(),
            "metadata" => "Type::Metadata".to_owned(),
            "expand" => "Type::Expand".to_owned(),
            "range" => "Type::Range".to_owned(),
            "file" => "Type::File".to_owned(),
            "any" => "Type::Any".to_owned(),
            "enum" => format!("Type::Enum({})", self.json_strings(&json["values"])),
            "ref" => format!("Type::Ref({})", self.json_strings(&json["to"])),
            "expandable" => format!("Type::Expandable({})", self.json_strings(&json["to"])),
            "object" => format!("Type::Object({})", self.fields_of(json)),
            "array" => format!("Type::Array(&{})", self.inner(json, "items")),
            "list" => format!("Type::List(&{})", self.inner(json, "items")),
            "map" => format!("Type::Map(&{})", self.inner(json, "values_type")),
            "any_of" => {
                let of = json["of"].as_array().expect("alternatives");
                let of: Vec<String> =
                    of.iter().map(|t| format!("&{}", self.kind(t.as_object().expect("a type")))).collect();
                format!("Type::AnyOf(&[{}])", of.join(","))
            }
            other => panic!("unknown type {other}"),
        };
        self.intern("K", "Type", &value)
    }

    fn inner(&mut self, json: &Json, key: &str) -> String {
        self.kind(json[key].as_object().expect("a type"))
    }

    fn api(&mut self, json: &Json) {
        let released = self.json_strings(&json["released_versions"]);
        writeln!(
            self.text,
            "/// The API version that the catalogue describes.\npub const API_VERSION: &str = {:?};\n\
             /// Every released `Stripe-Version`, oldest first.\npub const RELEASED_VERSIONS: &[&str] = {released};",
            text(json, "api_version")
        )
        .expect("a string takes it");
    }

    fn operations(&mut self, tables: &[Json]) {
        let mut all: Vec<(&str, &Json)> = Vec::new();
        for table in tables {
            all.extend(table.iter().map(|(name, o)| (name.as_str(), o.as_object().expect("an operation"))));
        }
        all.sort_by_key(|(_, o)| (text(o, "path"), text(o, "method")));
        let mut list = String::new();
        let mut tree = PathNode::default();
        for (index, (name, o)) in all.iter().enumerate() {
            let path = text(o, "path");
            let segments: Vec<&str> = path.split('/').skip(1).collect();
            let path_params: Vec<&str> = segments.iter().filter_map(|s| parameter(s)).collect();
            assert!(path_params.len() <= 4, "{name}: `Match::args` holds four");
            tree.insert(&segments, text(o, "method"), index);
            let path_params = self.strings(path_params);
            let params = self.fields_of(o);
            let returns = self.returns(&o["returns"]);
            writeln!(
                list,
                "Operation{{index:{index},name:{name:?},method:Method::{},path:{path:?},path_params:{path_params},\
                 params:{params},returns:{returns},multipart:{},legacy:{}}},",
                method_variant(text(o, "method")),
                flag(o, "multipart"),
                flag(o, "legacy")
            )
            .expect("a string takes it");
        }
        let mut by_name: Vec<(&str, usize)> = all.iter().enumerate().map(|(i, (name, _))| (*name, i)).collect();
        by_name.sort_unstable();
        assert!(by_name.windows(2).all(|w| w[0].0 != w[1].0), "operation names are unique");
        let by_name: Vec<String> = by_name.iter().map(|(_, i)| i.to_string()).collect();
        let count = all.len();
        let root = self.node(&tree);
        writeln!(
            self.text,
            "static OPERATIONS: [Operation; {count}] = [{list}];\n\
             static OPERATIONS_BY_NAME: [u16; {count}] = [{}];\nstatic ROOT: &PathNode = &{root};",
            by_name.join(",")
        )
        .expect("a string takes it");
    }

    fn returns(&mut self, json: &Value) -> String {
        if let Some(word) = json.as_str() {
            return match word {
                "stream" => "Returns::Stream".to_owned(),
                "other" => "Returns::Other".to_owned(),
                _ => panic!("unknown result {word}"),
            };
        }
        let (kind, of) = json.as_object().and_then(|o| o.iter().next()).expect("one kind of result");
        match kind.as_str() {
            "object" => format!("Returns::Object({})", self.json_strings(of)),
            "list" => format!("Returns::List({})", self.json_strings(of)),
            "search_result" => format!("Returns::SearchResult({})", self.json_strings(of)),
            "deleted" => format!("Returns::Deleted({of})"),
            _ => panic!("unknown result {kind}"),
        }
    }

    /// Writes a node of the path tree after those below it.
    fn node(&mut self, node: &PathNode) -> String {
        let statics: Vec<String> = node.statics.iter().map(|(s, n)| format!("({s:?},&{})", self.node(n))).collect();
        let param = match &node.param {
            Some(n) => format!("Some(&{})", self.node(n)),
            None => "None".to_owned(),
        };
        let operations: Vec<String> = ["GET", "POST", "DELETE"]
            .iter()
            .map(|m| node.operations.get(*m).map_or("None".to_owned(), |i| format!("Some({i})")))
            .collect();
        let value =
            format!("PathNode{{statics:&[{}],param:{param},operations:[{}]}}", statics.join(","), operations.join(","));
        self.intern("N", "PathNode", &value)
    }

    fn objects(&mut self, tables: &[Json]) {
        let mut all: Vec<&Json> = tables.iter().collect();
        all.sort_by_key(|o| text(o, "object"));
        let mut list = String::new();
        let names: Vec<&str> = all.iter().map(|o| text(o, "object")).collect();
        writeln!(
            self.text,
            "/// The names of all kinds of objects, sorted.\nconst KIND_NAMES: [&str; {}] = {names:?};",
            names.len()
        )
        .expect("a string takes it");
        for (index, o) in all.iter().enumerate() {
            let fields = self.fields_of(o);
            let deleted = match o.get("deleted") {
                Some(d) => self.fields_of(d.as_object().expect("a stub")),
                None => "&[]".to_owned(),
            };
            let id_prefix = o.get("id_prefix").and_then(Value::as_str);
            let name = text(o, "object");
            writeln!(list, "ObjectType{{name:{name:?},kind:Kind({index}),id_prefix:{id_prefix:?},fields:{fields},deleted:{deleted}}},")
                .expect("a string takes it");
        }
        writeln!(self.text, "static OBJECTS: [ObjectType; {}] = [{list}];", all.len()).expect("a string takes it");
    }

    fn events(&mut self, json: &Json) {
        let sorted: BTreeMap<&String, &Value> = json.iter().collect();
        let mut list = String::new();
        for (name, objects) in &sorted {
            let objects = self.json_strings(objects);
            writeln!(list, "EventType{{name:{name:?},objects:{objects}}},").expect("a string takes it");
        }
        writeln!(self.text, "static EVENT_TYPES: [EventType; {}] = [{list}];", sorted.len())
            .expect("a string takes it");
    }
}

/// The paths as a tree of segments, which is what `find` walks.
#[derive(Default)]
struct PathNode<'a> {
    statics: BTreeMap<&'a str, PathNode<'a>>,
    param: Option<Box<PathNode<'a>>>,
    operations: HashMap<&'a str, usize>,
}

impl<'a> PathNode<'a> {
    fn insert(&mut self, segments: &[&'a str], method: &'a str, index: usize) {
        match segments.split_first() {
            Some((first, rest)) if parameter(first).is_some() => {
                self.param.get_or_insert_default().insert(rest, method, index);
            }
            Some((first, rest)) => self.statics.entry(first).or_default().insert(rest, method, index),
            None => assert!(self.operations.insert(method, index).is_none(), "two operations with one path"),
        }
    }
}

fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

fn method_variant(method: &str) -> &'static str {
    match method {
        "GET" => "Get",
        "POST" => "Post",
        "DELETE" => "Delete",
        _ => panic!("unknown method {method}"),
    }
}
