//! TOML with a header for every table.

use super::not_representable;
use crate::error::Error;
use crate::format::Format;
use crate::key::KeyPath;
use crate::notation::{Secrets, string, write_scalar};
use crate::secret::REDACTED;
use crate::value::{Node, Table, Value};

pub(super) fn write(root: &Table, secrets: Secrets) -> Result<String, Error> {
    let mut writer = Writer::new(secrets);
    writer.section(root)?;
    Ok(writer.out)
}

/// A value as it stands behind a `=`, in one line.
pub(crate) fn inline(node: &Node, path: &KeyPath) -> Result<String, Error> {
    let mut writer = Writer::new(Secrets::Revealed);
    writer.path = path.clone();
    writer.inline(node)?;
    Ok(writer.out)
}

struct Writer {
    out: String,
    path: KeyPath,
    secrets: Secrets,
}

impl Writer {
    fn new(secrets: Secrets) -> Self {
        Self {
            out: String::new(),
            path: KeyPath::root(),
            secrets,
        }
    }

    /// Writes the entries of a table: first those that take a line, which would otherwise belong
    /// to the last header, and then the tables.
    fn section(&mut self, table: &Table) -> Result<(), Error> {
        let (tables, lines): (Vec<_>, Vec<_>) = table
            .iter()
            .map(|(name, entry)| (name, &entry.node))
            .partition(|(_, node)| self.takes_header(node));
        for (name, node) in lines {
            self.path.push_name(name);
            self.name(name);
            self.out.push_str(" = ");
            self.inline(node)?;
            self.out.push('\n');
            self.path.pop();
        }
        for (name, node) in tables {
            self.path.push_name(name);
            if let Value::Table(table) = &node.value {
                self.header(table);
                self.section(table)?;
            }
            self.path.pop();
        }
        Ok(())
    }

    fn takes_header(&self, node: &Node) -> bool {
        matches!(node.value, Value::Table(_)) && !self.secrets.hide(node)
    }

    /// Writes the header of a table, unless the headers of the tables in it are enough.
    fn header(&mut self, table: &Table) {
        let only_tables = table.values().all(|entry| self.takes_header(&entry.node));
        if only_tables && !table.is_empty() {
            return;
        }
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out.push('[');
        for (index, name) in self.path.names().unwrap_or_default().iter().enumerate() {
            if index > 0 {
                self.out.push('.');
            }
            write_name(&mut self.out, name);
        }
        self.out.push_str("]\n");
    }

    fn name(&mut self, name: &str) {
        write_name(&mut self.out, name);
    }

    fn inline(&mut self, node: &Node) -> Result<(), Error> {
        match &node.value {
            _ if self.secrets.hide(node) => string(&mut self.out, REDACTED),
            Value::String(text) => write_string(&mut self.out, text),
            Value::Datetime(text) => self.out.push_str(text),
            Value::Null => return Err(not_representable(&self.path, Format::Toml, node)),
            Value::Integer(integer) if i64::try_from(*integer).is_err() => {
                return Err(not_representable(&self.path, Format::Toml, node));
            }
            Value::Array(elements) => {
                self.out.push('[');
                for (index, element) in elements.iter().enumerate() {
                    self.separate(index);
                    self.path.push_index(index);
                    self.inline(element)?;
                    self.path.pop();
                }
                self.out.push(']');
            }
            Value::Table(table) => {
                self.out.push('{');
                for (index, (name, entry)) in table.iter().enumerate() {
                    self.separate(index);
                    self.path.push_name(name);
                    self.name(name);
                    self.out.push_str(" = ");
                    self.inline(&entry.node)?;
                    self.path.pop();
                }
                self.out.push('}');
            }
            scalar => write_scalar(&mut self.out, scalar),
        }
        Ok(())
    }

    fn separate(&mut self, index: usize) {
        if index > 0 {
            self.out.push_str(", ");
        }
    }
}

/// Writes a name as TOML does: bare if it can be.
pub(crate) fn write_name(out: &mut String, name: &str) {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !name.is_empty() && name.bytes().all(plain) {
        out.push_str(name);
    } else {
        write_string(out, name);
    }
}

/// Writes a basic string. It is escaped as in JSON, and so is DEL, which TOML does not allow.
fn write_string(out: &mut String, text: &str) {
    let start = out.len();
    string(out, text);
    if text.contains('\u{7f}') {
        let escaped = out.split_off(start).replace('\u{7f}', "\\u007f");
        out.push_str(&escaped);
    }
}
