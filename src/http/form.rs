//! Stub.
use crate::api::error::ApiError;
#[derive(Clone, Debug)]
pub enum Form {
    Value(String),
    List(Vec<Form>),
    Map(Vec<(String, Form)>),
}
impl Default for Form {
    fn default() -> Self {
        Form::Map(Vec::new())
    }
}
impl Form {
    pub fn value(&self, name: &str) -> Option<&str> {
        match self {
            Form::Map(m) => m.iter().find(|(k, _)| k == name).and_then(|(_, v)| match v {
                Form::Value(s) => Some(s.as_str()),
                _ => None,
            }),
            _ => None,
        }
    }
}
pub fn decode(input: &[u8]) -> Result<Form, ApiError> {
    let p: Vec<(String, String)> = serde_urlencoded::from_bytes(input).unwrap_or_default();
    Ok(Form::Map(p.into_iter().map(|(k, v)| (k, Form::Value(v))).collect()))
}
pub fn merge(a: Form, b: Form) -> Form {
    match (a, b) {
        (Form::Map(mut a), Form::Map(b)) => {
            a.extend(b);
            Form::Map(a)
        }
        (a, _) => a,
    }
}
pub fn decode_text(s: &str) -> String {
    s.to_owned()
}
