//! The parameters of an operation that hold no others, and how one is added to a call.

use pinstripe::catalogue::{self, Field, Operation, Type};

use super::samples::{self, ALTERNATIVES};

/// The parameters of a call, by their names.
pub(super) type Pairs = Vec<(String, String)>;

/// A parameter that holds no others, at one place of an operation.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    /// Its path, with `*` for an item or a key: `line_items.*.price`.
    pub path: String,
    /// Its name as it is sent: `line_items[0][price]`.
    pub sent: String,
    kind: &'static Type,
    /// The objects around it, from the outermost: the name, the members, the member that leads to the leaf.
    around: Vec<(String, &'static [Field], &'static str)>,
}

/// The parameters of an operation. What is expanded and uploaded is not checked against a kind.
pub(super) fn leaves(operation: &'static Operation) -> Vec<Leaf> {
    let mut all = Vec::new();
    for field in operation.params.iter().filter(|field| !matches!(field.kind, Type::Expand | Type::File)) {
        let around = vec![(String::new(), operation.params, field.name)];
        walk(Leaf { path: field.name.to_owned(), sent: field.name.to_owned(), kind: field.kind, around }, &mut all);
    }
    all
}

fn walk(at: Leaf, all: &mut Vec<Leaf>) {
    let below = |path: &str, sent: &str, kind| Leaf {
        path: format!("{}.{path}", at.path),
        sent: format!("{}[{sent}]", at.sent),
        kind,
        around: at.around.clone(),
    };
    match at.kind {
        Type::Object(fields) if !fields.is_empty() => {
            for field in *fields {
                let mut inner = below(field.name, field.name, field.kind);
                inner.around.push((at.sent.clone(), fields, field.name));
                walk(inner, all);
            }
        }
        Type::Array(of) => walk(below("*", "0", of), all),
        Type::Map(of) => walk(below("*", samples::KEY, of), all),
        Type::AnyOf(kinds) => kinds.iter().for_each(|kind| walk(Leaf { kind, ..at.clone() }, all)),
        // An alternative without members: only the type beside it says something.
        Type::Object(_) | Type::FreeObject if at.is_alternative() => {}
        _ => all.push(at),
    }
}

impl Leaf {
    /// Its name without what is around it.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('.').find(|part| *part != "*").unwrap_or_default()
    }

    /// Whether it is a parameter with this name, or a part of it.
    pub(super) fn is_in(&self, name: &str) -> bool {
        !name.is_empty() && is_at(&self.sent, name)
    }

    fn is_alternative(&self) -> bool {
        let names = |field: &Field, member| matches!(field.kind, Type::Enum(values) if values.contains(&member));
        self.around.last().is_some_and(|(_, fields, member)| fields.iter().any(|field| names(field, *member)))
    }

    /// The values that are tried.
    pub(super) fn values(&self) -> Vec<String> {
        samples::values(self.kind, &self.path)
    }

    /// Sends it with a value.
    pub(super) fn put(&self, value: &str, pairs: &mut Pairs) {
        let name = match self.kind {
            Type::Metadata | Type::FreeObject | Type::Any | Type::Object(_) => format!("{}[key]", self.sent),
            Type::Range => format!("{}[gt]", self.sent),
            _ => self.sent.clone(),
        };
        remove(pairs, &self.sent);
        pairs.push((name, value.to_owned()));
    }

    /// Prepares a call for it: takes out what excludes it, and sets what is required beside it and the types that it
    /// belongs to.
    pub(super) fn accompany(&self, operation: &str, pairs: &mut Pairs) {
        for (path, set) in samples::context(operation, &self.path) {
            remove(pairs, path);
            if !set.is_empty() {
                pairs.push((path.to_owned(), set.to_owned()));
            }
        }
        // What is sent as an object is not sent as a text.
        pairs.retain(|(name, _)| !self.sent.starts_with(&format!("{name}[")));
        for (outer, fields, member) in &self.around {
            let inside = |name: &str| if outer.is_empty() { name.to_owned() } else { format!("{outer}[{name}]") };
            for others in ALTERNATIVES.iter().filter(|names| names.contains(member)) {
                others.iter().filter(|other| *other != member).for_each(|other| remove(pairs, &inside(other)));
            }
            for field in fields.iter().filter(|field| field.name != *member) {
                let sent = inside(field.name);
                if let Type::Enum(values) = field.kind
                    && values.contains(member)
                {
                    let old = pairs.iter().position(|(known, _)| *known == sent).map(|at| pairs.swap_remove(at).1);
                    old.filter(|old| old != member).iter().for_each(|old| remove(pairs, &inside(old)));
                    pairs.push((sent, (*member).to_owned()));
                } else if field.required && !outer.is_empty() && !has(pairs, &sent) {
                    fill(field, sent, &self.path, pairs);
                }
            }
        }
    }
}

/// Sets a member that is required; of an object, what is required of it.
fn fill(field: &'static Field, sent: String, beside: &str, pairs: &mut Pairs) {
    let outer = beside.rsplit_once('.').map_or("", |(outer, _)| outer);
    let mut all = Vec::new();
    walk(Leaf { path: format!("{outer}.{}", field.name), sent, kind: field.kind, around: Vec::new() }, &mut all);
    let none = all.iter().all(|leaf| !is_whole(leaf));
    for (at, leaf) in all.iter().enumerate() {
        if is_whole(leaf) || none && at == 0 {
            leaf.put(&leaf.values()[0], pairs);
        }
    }
}

/// Whether everything that leads to a leaf is required.
fn is_whole(leaf: &Leaf) -> bool {
    leaf.around.iter().all(|(_, fields, member)| catalogue::field(fields, member).is_some_and(|field| field.required))
}

fn is_at(sent: &str, name: &str) -> bool {
    sent.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
}

fn has(pairs: &Pairs, name: &str) -> bool {
    pairs.iter().any(|(sent, _)| is_at(sent, name))
}

fn remove(pairs: &mut Pairs, name: &str) {
    pairs.retain(|(sent, _)| !is_at(sent, name));
}

/// The same parameters with numbers in place of `[]`.
pub(super) fn numbered(pairs: &Pairs) -> Pairs {
    let mut all = Pairs::new();
    for (name, value) in pairs {
        let name = name.strip_suffix("[]").map_or_else(
            || name.clone(),
            |bare| format!("{bare}[{}]", all.iter().filter(|(known, _)| is_at(known, bare)).count()),
        );
        all.push((name, value.clone()));
    }
    all
}
