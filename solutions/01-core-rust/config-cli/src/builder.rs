//! Building a configuration from its layers.

use std::ffi::OsString;
use std::fs;
use std::marker::PhantomData;
use std::path::PathBuf;

use crate::config::Config;
use crate::error::{Error, Errors};
use crate::format::Format;
use crate::layer::{environment, set};
use crate::merge::merge;
use crate::read::read;
use crate::schema::{Schema, Tree, check};
use crate::source::Sources;
use crate::value::Table;

/// The state of a [`Builder`] that has not been told its schema.
#[derive(Debug)]
pub enum SchemaUnset {}

/// The state of a [`Builder`] that has been told its schema, or that there is none.
#[derive(Debug)]
pub enum SchemaSet {}

/// A configuration in the making.
///
/// It can be built once it knows its schema: [`build`](Builder::build) exists only after
/// [`schema`](Builder::schema) or [`without_schema`](Builder::without_schema).
///
/// # Layers
///
/// From the lowest to the highest:
///
/// 1. the defaults of the schema,
/// 2. [`defaults`](Self::defaults),
/// 3. files and texts, in the order of the calls,
/// 4. the environment, in the order of the calls,
/// 5. [`set`](Self::set), in the order of the calls.
///
/// The order of calls of different sorts does not matter. A higher layer wins:
///
/// - a table is merged into a table, key by key, at every depth;
/// - anything else replaces what is there, wholly: an array replaces an array, a table a string,
///   a string a table, and null replaces too.
///
/// A text that has been merged from the lowest layers can take their place. One that has been
/// merged from other neighbors can too, so merging is *associative*, but only if no key is a
/// table in one layer and something else in another: merged on their own, a string and then a
/// table below the same key forget that the string has replaced what is below both. An empty
/// layer changes nothing, and a layer that is given twice in a row gives the same values as once.
pub struct Builder<State> {
    defaults: Vec<String>,
    files: Vec<FileLayer>,
    env: Vec<(String, Vec<(OsString, OsString)>)>,
    set: Vec<(String, String)>,
    schema: Option<Schema>,
    state: PhantomData<State>,
}

/// A layer that counts among the files.
enum FileLayer {
    /// A file, and its format if its name does not tell.
    Path(PathBuf, Option<Format>),
    /// A text with its name.
    Text(String, Vec<u8>, Format),
}

impl FileLayer {
    fn read(self, sources: &mut Sources) -> Result<Table, Error> {
        match self {
            Self::Text(name, bytes, format) => read(name, bytes, format, sources),
            Self::Path(path, format) => {
                let name = path.display().to_string();
                let Some(format) = format.or_else(|| Format::from_path(&path)) else {
                    return Err(Error::UnknownFormat { name });
                };
                match fs::read(&path) {
                    Ok(bytes) => read(name, bytes, format, sources),
                    Err(source) => Err(Error::Io { name, source }),
                }
            }
        }
    }
}

impl<State> Builder<State> {
    /// Adds a text in TOML below all files. Its name in origins is `<defaults>`. Of several, the
    /// later ones win.
    #[must_use]
    pub fn defaults(mut self, toml: impl Into<String>) -> Self {
        self.defaults.push(toml.into());
        self
    }

    /// Adds a file, of the format that its extension tells. It is read by
    /// [`build`](Builder::build), and it has to be there.
    #[must_use]
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.files.push(FileLayer::Path(path.into(), None));
        self
    }

    /// Adds a file of this format, whatever its extension.
    #[must_use]
    pub fn file_as(mut self, path: impl Into<PathBuf>, format: Format) -> Self {
        self.files.push(FileLayer::Path(path.into(), Some(format)));
        self
    }

    /// Adds a text, as if it was the contents of a file named `name`. It counts among the files.
    #[must_use]
    pub fn text(
        mut self,
        name: impl Into<String>,
        text: impl Into<Vec<u8>>,
        format: Format,
    ) -> Self {
        self.files
            .push(FileLayer::Text(name.into(), text.into(), format));
        self
    }

    /// Adds those of `variables` that have the prefix. They are one layer.
    ///
    /// A variable has the prefix if its name begins with exactly `prefix` and two underscores.
    /// The rest of its name is split at every two underscores, from the left, into names, which
    /// are turned to lower case (ASCII letters only): with the prefix `APP`, the variable
    /// `APP__SERVER__MAX_SIZE` sets `server.max_size`. Any other character is a part of a name,
    /// also a dot. `APPLE__X`, `APP_X`, `APP` and `app__x` do not have the prefix, and are
    /// ignored whatever they hold.
    ///
    /// Its value is text: see [`Kind`](crate::Kind). An empty value is a value, and so is one
    /// with `=` in it.
    ///
    /// Building reports
    ///
    /// - [`Error::Variable`], if name or value of a variable with the prefix are not Unicode, if
    ///   any of the names is empty (`APP__`, `APP__A____B`), or if there are more than
    ///   [`MAX_SEGMENTS`](crate::KeyPath::MAX_SEGMENTS); and once if the prefix is empty, whatever
    ///   the variables are;
    /// - [`Error::Duplicate`], if two variables of the layer set the same key (`APP__A` and
    ///   `APP__a`), or one sets a key below the other's (`APP__A` and `APP__A__B`). The error
    ///   has the key and the variable of one of the two.
    #[must_use]
    pub fn env<K, V>(
        mut self,
        prefix: impl Into<String>,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self
    where
        K: Into<OsString>,
        V: Into<OsString>,
    {
        let variables = variables.into_iter();
        let variables = variables.map(|(name, value)| (name.into(), value.into()));
        self.env.push((prefix.into(), variables.collect()));
        self
    }

    /// Sets one key, above all else. `key` is a [`KeyPath`](crate::KeyPath) without an index;
    /// building reports [`Error::InvalidKey`] for anything else. `value` is text: see
    /// [`Kind`](crate::Kind).
    #[must_use]
    pub fn set(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.set.push((key.into(), value.into()));
        self
    }
}

impl Builder<SchemaUnset> {
    pub(crate) fn new() -> Self {
        Self {
            defaults: Vec::new(),
            files: Vec::new(),
            env: Vec::new(),
            set: Vec::new(),
            schema: None,
            state: PhantomData,
        }
    }

    fn with(self, schema: Option<Schema>) -> Builder<SchemaSet> {
        Builder {
            defaults: self.defaults,
            files: self.files,
            env: self.env,
            set: self.set,
            schema,
            state: PhantomData,
        }
    }

    /// Says what the configuration may hold.
    #[must_use]
    pub fn schema(self, schema: Schema) -> Builder<SchemaSet> {
        self.with(Some(schema))
    }

    /// Says that the configuration may hold anything.
    #[must_use]
    pub fn without_schema(self) -> Builder<SchemaSet> {
        self.with(None)
    }
}

impl Builder<SchemaSet> {
    /// Reads, merges and checks all layers.
    ///
    /// # Errors
    /// All that is wrong, at once, in this order of steps; a step with an error is the last:
    ///
    /// 1. the schema contradicts itself ([`Error::Schema`]);
    /// 2. the layers: each that cannot be read or parsed gives at least one error
    ///    ([`Error::Io`], [`Error::UnknownFormat`], [`Error::Parse`], [`Error::Duplicate`],
    ///    [`Error::Variable`], [`Error::InvalidKey`]), in the order of the layers, the lowest
    ///    first;
    /// 3. the merged values, and only these, not the ones that they shadow: exactly one error
    ///    for each value of a wrong kind ([`Error::WrongKind`]), each value that is not allowed
    ///    ([`Error::NotAllowed`]), each key that is required and not there
    ///    ([`Error::Required`]), and each key that the schema does not know
    ///    ([`Error::UnknownKey`]), in the order of their keys' segments: names by their
    ///    characters, indexes as numbers.
    ///
    /// Null is a value: it is there for a key that is required, and of the kind `Any` alone.
    ///
    /// A table that the schema does not know gives one error, and not one for each of its keys.
    /// Of an unknown key that several layers give, the origin is in the highest of them.
    /// Where the schema asks for a table, because it knows keys below, any other value is of the
    /// wrong kind, and the required keys below it give no errors of their own.
    ///
    /// The suggestion for an unknown key is a key of the schema with the same parent. There is
    /// one if a single edit leads to it (a character inserted, removed, replaced, or swapped with
    /// its neighbor) and one of the two names has more than one character. There is none if all
    /// keys with this parent differ in more than half of the characters of the longer one. In
    /// between the choice is yours.
    ///
    /// # What texts are refused
    ///
    /// - what is not UTF-8, with the place of the first byte that is not; a byte order mark at
    ///   the beginning is skipped;
    /// - what is not TOML or not JSON, with the place at which it stops being so;
    /// - a name that is given twice in one table ([`Error::Duplicate`]), with the place of the
    ///   second one; in TOML also a table that is given twice, with a place in its second header;
    /// - JSON whose root is not an object;
    /// - integers outside of `i64::MIN..=u64::MAX` (in TOML, those above `i64::MAX` may be
    ///   refused or taken), and JSON numbers with a fraction or an exponent that no finite `f64`
    ///   is near to. Any other JSON number with a fraction or an exponent is a float;
    /// - what nests too deep: 64 levels are taken, 10,000 are not, and in between the choice is
    ///   yours.
    pub fn build(self) -> Result<Config, Errors> {
        let schema = match &self.schema {
            Some(schema) => Some(schema.compile()?),
            None => None,
        };
        let mut sources = Sources::default();
        let mut root = self.merged(schema.as_ref(), &mut sources)?;
        if let Some(schema) = &schema {
            schema.mark_secrets(&mut root);
            Errors::check(check(schema, &mut root, &sources))?;
        }
        Ok(Config::new(root, sources))
    }

    /// Reads all layers and lays each over those below it.
    fn merged(self, schema: Option<&Tree>, sources: &mut Sources) -> Result<Table, Errors> {
        let mut errors = Vec::new();
        let mut root = schema
            .map(|schema| schema.defaults(sources))
            .unwrap_or_default();
        let no_schema = Tree::default();
        let schema = schema.unwrap_or(&no_schema);
        let mut add = |layer: Result<Table, Error>| match layer {
            Ok(layer) => merge(&mut root, layer),
            Err(error) => errors.push(error),
        };
        for text in self.defaults {
            let name = "<defaults>".to_owned();
            add(read(name, text.into_bytes(), Format::Toml, sources));
        }
        for file in self.files {
            add(file.read(sources));
        }
        for (prefix, variables) in &self.env {
            let (layer, faults) = environment(prefix, variables, schema, sources);
            add(Ok(layer));
            faults.into_iter().map(Err).for_each(&mut add);
        }
        for (key, text) in &self.set {
            add(set(key, text, schema, sources));
        }
        Errors::check(errors)?;
        Ok(root)
    }
}
