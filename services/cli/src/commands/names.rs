//! Names beside codes, for people: a table shows whose code it is.
//!
//! Who may not ask for names sees codes alone: a name is never worth a failure.

use std::collections::{BTreeSet, HashMap};

use futures::StreamExt as _;
use gazelle_kernel::Uscc;
use gazelle_proto::registry::v1::{
    GetEnterpriseRequest, ListEnterprisesRequest, ListPlatformsRequest, MerchantBinding, Platform,
};
use gazelle_proto::settlement::v1::{
    Enrollment, EnterpriseResult, HeldPayee, Line, ListProgramsRequest, Objection, PayeeBalance,
    Payment, Remittance,
};
use tonic::Status;

use crate::client::{Client, pages};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Format};
use crate::words::{Lang, lang};

/// Enterprises that are asked for one by one; for more, the registry's list is read.
const ONE_BY_ONE_MAX: usize = 200;
/// Enterprises of the registry's list whose names are kept.
const KEPT_MAX: usize = 200_000;
/// Questions that are under way at a time.
const CONCURRENT: usize = 16;

/// What an enterprise has.
pub(super) trait OfEnterprise {
    /// Whose it is.
    fn uscc(&self) -> &str;
}

macro_rules! of_enterprise {
    ($($message:ty),*) => {
        $(impl OfEnterprise for $message {
            fn uscc(&self) -> &str {
                &self.uscc
            }
        })*
    };
}
of_enterprise!(
    MerchantBinding,
    Enrollment,
    EnterpriseResult,
    Line,
    Objection
);

/// A payee may be a platform, which has no name here.
macro_rules! of_payee {
    ($($message:ty),*) => {
        $(impl OfEnterprise for $message {
            fn uscc(&self) -> &str {
                &self.payee_id
            }
        })*
    };
}
of_payee!(Payment, HeldPayee, Remittance, PayeeBalance);

/// Names by code.
#[derive(Debug, Default)]
pub(super) struct Names(HashMap<String, String>);

impl Names {
    /// The code with its name beside it.
    pub(super) fn cell(&self, code: impl Into<String>) -> Cell {
        let code = code.into();
        match self.0.get(&code) {
            Some(name) => Cell::named(code, name),
            None => Cell::Text(code),
        }
    }

    /// The code with its name beside it, as text.
    pub(super) fn text(&self, code: &str) -> String {
        let name = self.0.get(code).map_or("", String::as_str);
        format!("{code} {name}").trim_end().to_owned()
    }

    /// The name of that code, where it is known.
    pub(super) fn name(&self, code: &str) -> Option<&str> {
        self.0.get(code).map(String::as_str)
    }

    /// The names of payees: enterprises, and platforms, one without a name under its id.
    pub(super) async fn of_payees<'a>(
        client: &Client,
        payees: impl Iterator<Item = &'a str> + Clone,
    ) -> Self {
        let mut names = Self::default();
        names.learn(client, payees.clone()).await;
        if payees.into_iter().any(|it| !names.0.contains_key(it)) {
            let _ = each_platform(client, |platform| {
                names.0.insert(platform.platform_id, platform.name);
            })
            .await;
        }
        names
    }

    #[cfg(test)]
    pub(super) fn known<const N: usize>(names: [(&str, &str); N]) -> Self {
        Self(names.map(|(code, name)| (code.into(), name.into())).into())
    }

    /// Finds the names of these enterprises, as far as they are not known yet.
    async fn learn<'a>(&mut self, client: &Client, codes: impl Iterator<Item = &'a str>) {
        let unknown: BTreeSet<_> = codes
            .filter(|code| Uscc::parse_excepted(code).is_ok() && !self.0.contains_key(*code))
            .collect();
        if unknown.len() > ONE_BY_ONE_MAX {
            // What was found before it failed serves too.
            let _ = self.learn_all(client).await;
            return;
        }
        let asked = futures::stream::iter(unknown).map(|uscc| {
            let mut registry = client.registry.clone();
            let uscc = uscc.to_owned();
            async move { registry.get_enterprise(GetEnterpriseRequest { uscc }).await }
        });
        let mut answers = asked.buffer_unordered(CONCURRENT);
        while let Some(answer) = answers.next().await {
            let Ok(answer) = answer else {
                return;
            };
            if let Some(enterprise) = answer.into_inner().enterprise {
                self.0.insert(enterprise.uscc, enterprise.name);
            }
        }
    }

    async fn learn_all(&mut self, client: &Client) -> Result<(), Failure> {
        let fetch = async |page_token| {
            let request = ListEnterprisesRequest {
                page_size: 1_000,
                page_token,
            };
            let page = client.registry.clone().list_enterprises(request).await?;
            let page = page.into_inner();
            Ok((page.enterprises, page.next_page_token))
        };
        pages(fetch, |enterprise| {
            self.0.insert(enterprise.uscc, enterprise.name);
            if self.0.len() < KEPT_MAX {
                return Ok(());
            }
            Err(Failure::new(
                "NAMES_TOO_MANY",
                "names of so many are not kept",
            ))
        })
        .await
    }
}

/// The names of the platforms, where people read the result. A platform may not ask for them.
pub(super) async fn platforms(context: &Context, client: &Client) -> Names {
    let mut names = Names::default();
    let is_platform = || context.home.platform(context.profile.as_deref()).is_some();
    if context.out.format() != Format::Table || is_platform() {
        return names;
    }
    let _ = each_platform(client, |platform| {
        // One that nobody named is called by its id.
        if platform.name != platform.platform_id {
            names.0.insert(platform.platform_id, platform.name);
        }
    })
    .await;
    names
}

/// Reads all platforms of the registry.
pub(super) async fn each_platform(
    client: &Client,
    mut each: impl FnMut(Platform),
) -> Result<(), Failure> {
    let fetch = async |page_token| {
        let request = ListPlatformsRequest {
            page_size: 1_000,
            page_token,
        };
        let page = client.registry.clone().list_platforms(request).await?;
        let page = page.into_inner();
        Ok((page.platforms, page.next_page_token))
    };
    pages(fetch, |platform| {
        each(platform);
        Ok(())
    })
    .await
}

/// The names of the programs, where people read the result.
pub(super) async fn programs(context: &Context, client: &Client) -> Names {
    let mut names = Names::default();
    if context.out.format() != Format::Table {
        return names;
    }
    let fetch = async |page_token| {
        let request = ListProgramsRequest {
            page_size: 1_000,
            page_token,
        };
        let page = client.programs.clone().list_programs(request).await?;
        let page = page.into_inner();
        Ok((page.programs, page.next_page_token))
    };
    let _ = pages(fetch, |program| {
        let name = match lang() {
            Lang::Zh if !program.name_zh.is_empty() => program.name_zh,
            Lang::Zh | Lang::En => program.name,
        };
        names.0.insert(program.program_id, name);
        Ok::<_, Failure>(())
    })
    .await;
    names
}

/// Names of enterprises, where people read the result.
pub(super) async fn enterprises(context: &Context, client: &Client, codes: &[&str]) -> Names {
    let mut names = Names::default();
    if context.out.format() == Format::Table {
        names.learn(client, codes.iter().copied()).await;
    }
    names
}

/// Reads all pages of a list of things that enterprises have, page by page with their names where
/// people read the result: `fetch` gets a page token.
pub(super) async fn pages_with_names<T: OfEnterprise>(
    format: Format,
    client: &Client,
    fetch: impl AsyncFn(String) -> Result<(Vec<T>, String), Status>,
    mut each: impl FnMut(T, &Names) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut names = Names::default();
    if format != Format::Table {
        return pages(fetch, |row| each(row, &names)).await;
    }
    let mut token = String::new();
    loop {
        let (rows, next) = fetch(token.clone()).await?;
        names.learn(client, rows.iter().map(T::uscc)).await;
        rows.into_iter().try_for_each(|row| each(row, &names))?;
        if next.is_empty() || next == token {
            return Ok(());
        }
        token = next;
    }
}
