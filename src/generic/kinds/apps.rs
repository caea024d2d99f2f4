//! Apps and their secrets.
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

mod secrets;

use super::declaration::{Declaration, PLAIN, SHAPE};
use super::verb::verb;
use crate::contract::Fill::{Absent, Account, Flag, Text};
use crate::contract::{Behaviour, Entry, Expand};
use crate::state::ids::IdForm;

pub(super) static KINDS: &[Declaration] = &[
    Declaration {
        entry: Entry {
            kind: crate::kind!("apps.install"),
            id: IdForm::of("ainst_"),
            defaults: &[
                ("account", Account),
                ("approval_required", Flag(false)),
                ("channel", Text("testing")),
                ("status", Text("installed")),
            ],
            ..SHAPE
        },
        verbs: &[verb("apps.installs.uninstall", &["installed"], &[("status", Text("uninstalling"))])],
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("apps.secret"),
            operations: &[
                ("apps.secrets.create", Behaviour::Write(secrets::create)),
                ("apps.secrets.delete", Behaviour::Write(secrets::delete)),
                ("apps.secrets.find", Behaviour::Read(secrets::find)),
            ],
            expands: &[Expand::field("payload")],
            // The API shows it only on request.
            defaults: &[("payload", Absent)],
            ..SHAPE
        },
        looked_up: Some("name"),
        ..PLAIN
    },
];
