//! JSON with a line for every value.

use super::not_representable;
use crate::error::Error;
use crate::format::Format;
use crate::key::KeyPath;
use crate::notation::{Secrets, string, write_scalar};
use crate::secret::REDACTED;
use crate::value::{Node, Table, Value};

pub(super) fn write(root: &Table, secrets: Secrets) -> Result<String, Error> {
    let mut writer = Writer {
        out: String::new(),
        depth: 0,
        path: KeyPath::root(),
        secrets,
    };
    writer.table(root)?;
    writer.out.push('\n');
    Ok(writer.out)
}

struct Writer {
    out: String,
    depth: usize,
    path: KeyPath,
    secrets: Secrets,
}

impl Writer {
    fn line(&mut self) {
        self.out.push('\n');
        self.out.push_str(&"  ".repeat(self.depth));
    }

    fn item(&mut self, index: usize) {
        if index > 0 {
            self.out.push(',');
        }
        self.line();
    }

    fn table(&mut self, table: &Table) -> Result<(), Error> {
        if table.is_empty() {
            self.out.push_str("{}");
            return Ok(());
        }
        self.out.push('{');
        self.depth += 1;
        for (index, (name, entry)) in table.iter().enumerate() {
            self.item(index);
            string(&mut self.out, name);
            self.out.push_str(": ");
            self.path.push_name(name);
            self.node(&entry.node)?;
            self.path.pop();
        }
        self.depth -= 1;
        self.line();
        self.out.push('}');
        Ok(())
    }

    fn array(&mut self, elements: &[Node]) -> Result<(), Error> {
        if elements.is_empty() {
            self.out.push_str("[]");
            return Ok(());
        }
        self.out.push('[');
        self.depth += 1;
        for (index, element) in elements.iter().enumerate() {
            self.item(index);
            self.path.push_index(index);
            self.node(element)?;
            self.path.pop();
        }
        self.depth -= 1;
        self.line();
        self.out.push(']');
        Ok(())
    }

    fn node(&mut self, node: &Node) -> Result<(), Error> {
        match &node.value {
            _ if self.secrets.hide(node) => string(&mut self.out, REDACTED),
            Value::Table(table) => self.table(table)?,
            Value::Array(elements) => self.array(elements)?,
            Value::Float(float) if !float.is_finite() => {
                return Err(not_representable(&self.path, Format::Json, node));
            }
            scalar => write_scalar(&mut self.out, scalar),
        }
        Ok(())
    }
}
