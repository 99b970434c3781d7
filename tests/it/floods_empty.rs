//! Messages of very many items that say nothing: they take two bytes each on the wire, and must
//! not take a hundred times that in memory.

use std::sync::Arc;

use futures::future::join_all;
use gazelle_kernel::PlatformId;
use gazelle_proto::access::{Caller as Role, rule};
use gazelle_runtime::auth::{self, Principal};
use gazelle_tests::apart::{Apart, SERVICES};
use gazelle_tests::contract::Contract;
use gazelle_tests::flood::flood;
use gazelle_tests::honest::Caller;
use gazelle_tests::refusal::reason;
use gazelle_tests::suite::person;
use prost_types::field_descriptor_proto::{Label, Type};
use tonic::{Code, Status};

/// As large as a message may be.
const MESSAGE_BYTES: usize = 4 * 1024 * 1024;

/// How deep lists are looked for in messages within messages.
const DEPTH: usize = 3;

/// A request that is full of empty items.
struct Full {
    path: String,
    /// The list: fields from the request inwards.
    fields: Vec<i32>,
}

impl Full {
    fn service(&self) -> &str {
        self.path.split('.').nth(1).unwrap()
    }

    /// The message, just within the bound.
    fn message(&self) -> Vec<u8> {
        let key = |field: &i32| vec![u8::try_from(field << 3 | 2).unwrap()];
        let (last, outer) = self.fields.split_last().unwrap();
        let item = [key(last), vec![0]].concat();
        let items = item.repeat(MESSAGE_BYTES / 2 - 32);
        outer.iter().rev().fold(items, |inner, field| {
            let mut bytes = key(field);
            prost::encoding::encode_varint(inner.len() as u64, &mut bytes);
            bytes.extend(inner);
            bytes
        })
    }

    /// Sends it as somebody who may call.
    async fn send(&self, apart: &Apart) -> Result<(), Status> {
        let principal = self.principal();
        let issuer = apart.issuer(&principal);
        let token = issuer.mint(&principal, time::Duration::hours(1)).unwrap();
        let raw = apart.raw();
        raw.send(&self.path, Some(&format!("Bearer {token}")), self.message())
            .await
    }

    fn principal(&self) -> Principal {
        let role = match rule(&self.path).unwrap().callers[0] {
            Role::Registrar => auth::Role::Registrar,
            Role::Officer => auth::Role::Officer,
            Role::Approver => auth::Role::Approver,
            Role::Auditor => auth::Role::Auditor,
            Role::Platform => return Principal::Platform(PlatformId::parse("flood").unwrap()),
            Role::Service => return Principal::Service("settlement".to_owned()),
        };
        person("flood", &[role])
    }
}

/// The lists of a message, and of those within it.
fn lists(all: &Contract, name: &str, outer: &[i32], found: &mut Vec<Vec<i32>>) {
    let Some(message) = all.message(name).filter(|_| outer.len() < DEPTH) else {
        return;
    };
    for field in &message.field {
        let path = [outer, &[field.number()]].concat();
        if !matches!(field.r#type(), Type::Message | Type::String | Type::Bytes) {
            continue;
        }
        if field.label() == Label::Repeated {
            found.push(path.clone());
        }
        lists(all, field.type_name(), &path, found);
    }
}

/// A request of each RPC and each list.
fn full_requests() -> Vec<Full> {
    let contract = Contract::read();
    let mut requests = Vec::new();
    for method in &contract.methods {
        let mut found = Vec::new();
        lists(&contract, &method.input, &[], &mut found);
        requests.extend(found.into_iter().map(|fields| Full {
            path: method.path.clone(),
            fields,
        }));
    }
    requests
}

/// Sends them one after the other, and adds what became of those that were not refused as they are
/// to be.
async fn send_all(apart: &Apart, requests: &[&Full], wrong: &mut Vec<String>) {
    for request in requests {
        let sent = request.send(apart).await;
        let what = format!("{} {:?}: {sent:?}", request.path, request.fields);
        // Usage reads 512 KiB, and records where they lie.
        let reasons = ["MESSAGE_TOO_MANY_ITEMS", "MESSAGE_TOO_LARGE", "BATCH_SIZE"];
        let refused = sent.err().map(|status| (status.code(), reason(&status)));
        if !refused.is_some_and(|(code, reason)| {
            code == Code::InvalidArgument && reasons.contains(&&*reason)
        }) {
            wrong.push(what);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_items_that_say_nothing_is_refused_before_anything_is_made_of_it() {
    let apart = Arc::new(Apart::new().await);
    let starting = SERVICES.map(|service| apart.serve(service, &[]));
    let running = join_all(starting).await;
    let requests = full_requests();
    assert!(requests.len() > 20, "the contract has lost its lists");
    for (service, process) in SERVICES.iter().zip(&running) {
        let caller = match *service {
            "usage" => Caller::platform(&apart, "mall"),
            "registry" => Caller::officer(&apart),
            _ => Caller::officer_of_programs(&apart),
        };
        let own: Vec<&Full> = requests
            .iter()
            .filter(|it| it.service() == *service)
            .collect();
        let mut wrong = Vec::new();
        let (first, others) = own.split_at(1);
        for some in [first, others].into_iter().filter(|it| !it.is_empty()) {
            let name = format!("{} messages of empty items to {service}", some.len());
            let messages = send_all(&apart, some, &mut wrong);
            flood(&name, process, &caller, messages).await;
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
    for service in running {
        service.ends_well().await;
    }
}
