//! From values to types of Rust, by serde.

use std::fmt;

use serde::de::value::{MapDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, Unexpected, VariantAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;

use crate::value::{Entry, Node, Value};

/// Why a value does not become a type.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Mismatch(String);

impl de::Error for Mismatch {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// A value that is being read. What it hands out is borrowed from the configuration.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'c>(pub(crate) &'c Node);

impl<'c> IntoDeserializer<'c, Mismatch> for Reading<'c> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Reading<'de> {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match &self.0.value {
            Value::Null => visitor.visit_unit(),
            Value::Boolean(boolean) => visitor.visit_bool(*boolean),
            Value::Integer(integer) => match (i64::try_from(*integer), u64::try_from(*integer)) {
                (Ok(integer), _) => visitor.visit_i64(integer),
                (_, Ok(integer)) => visitor.visit_u64(integer),
                _ => visitor.visit_i128(*integer),
            },
            Value::Float(float) => visitor.visit_f64(*float),
            Value::String(text) | Value::Datetime(text) => visitor.visit_borrowed_str(text),
            Value::Array(elements) => {
                let mut sequence = SeqDeserializer::new(elements.iter().map(Reading));
                let value = visitor.visit_seq(&mut sequence)?;
                sequence.end()?;
                Ok(value)
            }
            Value::Table(table) => {
                let entries = table.iter();
                let mut map = MapDeserializer::new(
                    entries.map(|(name, Entry { node, .. })| (Name(name), Reading(node))),
                );
                let value = visitor.visit_map(&mut map)?;
                map.end()?;
                Ok(value)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        match &self.0.value {
            Value::String(name) => visitor.visit_enum(StrDeserializer::new(name)),
            Value::Table(table) => {
                let mut entries = table.iter();
                match (entries.next(), entries.next()) {
                    (Some((name, entry)), None) => visitor.visit_enum(Variant {
                        name,
                        content: Reading(&entry.node),
                    }),
                    _ => Err(de::Error::invalid_type(
                        Unexpected::Map,
                        &"a table with one key, the variant",
                    )),
                }
            }
            _ => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// The name of a value in a table.
#[derive(Clone, Copy)]
struct Name<'c>(&'c str);

impl<'c> IntoDeserializer<'c, Mismatch> for Name<'c> {
    type Deserializer = serde::de::value::BorrowedStrDeserializer<'c, Mismatch>;

    fn into_deserializer(self) -> Self::Deserializer {
        serde::de::value::BorrowedStrDeserializer::new(self.0)
    }
}

/// A variant that holds data: a table with its name as the one key.
struct Variant<'c> {
    name: &'c str,
    content: Reading<'c>,
}

impl<'c> EnumAccess<'c> for Variant<'c> {
    type Error = Mismatch;
    type Variant = Reading<'c>;

    fn variant_seed<S: DeserializeSeed<'c>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Reading<'c>), Mismatch> {
        let name = seed.deserialize(Name(self.name).into_deserializer())?;
        Ok((name, self.content))
    }
}

impl<'c> VariantAccess<'c> for Reading<'c> {
    type Error = Mismatch;

    fn unit_variant(self) -> Result<(), Mismatch> {
        de::Deserialize::deserialize(self)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'c>>(self, seed: S) -> Result<S::Value, Mismatch> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'c>>(
        self,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'c>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.deserialize_any(visitor)
    }
}
