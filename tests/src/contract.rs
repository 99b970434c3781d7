//! The contract as its descriptors have it, and requests whose fields are filled by their names.

use std::collections::BTreeMap;

use prost::Message as _;
use prost::encoding::encode_varint;
use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorSet};

/// How deep messages within messages are filled.
const DEPTH: usize = 3;

/// The messages and methods of ours.
#[derive(Debug)]
pub struct Contract {
    messages: BTreeMap<String, DescriptorProto>,
    /// Every RPC of every service.
    pub methods: Vec<Method>,
}

/// An RPC, as the contract has it.
#[derive(Debug)]
pub struct Method {
    /// As it is called.
    pub path: String,
    /// The name of its request.
    pub input: String,
}

impl Contract {
    /// Reads the contract from its descriptors.
    #[must_use]
    pub fn read() -> Self {
        let set = FileDescriptorSet::decode(gazelle_proto::DESCRIPTORS).unwrap();
        let (mut messages, mut methods) = (BTreeMap::new(), Vec::new());
        for file in set.file {
            let package = file.package().to_owned();
            for message in &file.message_type {
                messages.insert(format!(".{package}.{}", message.name()), message.clone());
            }
            for service in file
                .service
                .iter()
                .filter(|_| package.starts_with("gazelle."))
            {
                methods.extend(service.method.iter().map(|method| Method {
                    path: format!("/{package}.{}/{}", service.name(), method.name()),
                    input: method.input_type().to_owned(),
                }));
            }
        }
        Self { messages, methods }
    }

    /// A message, by its name.
    #[must_use]
    pub fn message(&self, name: &str) -> Option<&DescriptorProto> {
        self.messages.get(name)
    }

    /// A message of that name whose fields have what `value` says of theirs, and nothing where it
    /// says nothing; of each list there is one item.
    #[must_use]
    pub fn filled(&self, name: &str, value: &dyn Fn(&str) -> Option<String>) -> Vec<u8> {
        self.filled_within(name, value, 0)
    }

    fn filled_within(
        &self,
        name: &str,
        value: &dyn Fn(&str) -> Option<String>,
        depth: usize,
    ) -> Vec<u8> {
        let mut bytes = Vec::new();
        let fields = self.message(name).map_or(&[][..], |it| &it.field);
        for field in fields {
            match field.r#type() {
                Type::Message if depth < DEPTH => {
                    let inner = self.filled_within(field.type_name(), value, depth + 1);
                    put(&mut bytes, field, &inner);
                }
                Type::String | Type::Bytes => {
                    if let Some(text) = value(field.name()) {
                        put(&mut bytes, field, text.as_bytes());
                    }
                }
                _ => {
                    let number = value(field.name()).and_then(|it| it.parse::<i64>().ok());
                    if let Some(number) = number {
                        encode_varint(key(field, 0), &mut bytes);
                        encode_varint(number.cast_unsigned(), &mut bytes);
                    }
                }
            }
        }
        bytes
    }
}

fn key(field: &FieldDescriptorProto, wire_type: u64) -> u64 {
    u64::try_from(field.number()).unwrap() << 3 | wire_type
}

fn put(bytes: &mut Vec<u8>, field: &FieldDescriptorProto, content: &[u8]) {
    encode_varint(key(field, 2), bytes);
    encode_varint(content.len() as u64, bytes);
    bytes.extend(content);
}
