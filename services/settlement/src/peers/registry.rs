//! Who the enterprises are, and which months platforms owe, from the registry.

use std::{collections::BTreeMap, sync::Arc};

use gazelle_client::{
    Authorized, ClientError,
    peer::{PeerConfig, connect},
    retry::{Budget, is_unavailable},
};
use gazelle_kernel::{
    DistrictCode, Fen, IndustryCode, Interval, MerchantId, ParseError, Period, PlatformId, Uscc,
    parse_date,
};
use gazelle_proto::{
    optional,
    registry::v1::{
        self as registry, CodeKind, GetEnterpriseRequest, ListPlatformsRequest, ReadFactsRequest,
        registry_service_client::RegistryServiceClient,
    },
};
use tonic::Code;

use super::{
    error::{PeerError, broken, called, parsed},
    stream::{MESSAGE_BYTES_MAX, next},
};
use crate::domain::{
    rules::facts::{Binding, Dated, EnterpriseFacts, Filing},
    run::PlatformReports,
};

pub(super) const REGISTRY: &str = "registry";

/// Platforms that are asked for at a time.
const PAGE_SIZE: i32 = 1_000;

/// What the registry holds at one revision.
#[derive(Debug)]
pub struct RegistryFacts {
    pub revision: i64,
    /// Enterprises, by code.
    pub enterprises: Vec<EnterpriseFacts>,
    /// Bindings, by platform, account and first day.
    pub bindings: Vec<Binding>,
    /// Platforms, by id.
    pub platforms: Vec<PlatformReports>,
}

/// The registry service. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Registry {
    pub(super) client: RegistryServiceClient<Authorized>,
    pub(super) budget: Budget,
}

impl Registry {
    /// Connects when first used.
    pub(super) fn new(config: &PeerConfig) -> Result<Self, ClientError> {
        let client = RegistryServiceClient::new(connect(config)?);
        Ok(Self {
            client: client.max_decoding_message_size(MESSAGE_BYTES_MAX),
            budget: Budget::default(),
        })
    }

    /// Whether the registry has an enterprise of this code.
    pub(super) async fn knows_enterprise(&self, uscc: &Uscc) -> Result<bool, PeerError> {
        let request = GetEnterpriseRequest {
            uscc: uscc.to_string(),
        };
        let ask = || {
            let (mut registry, request) = (self.client.clone(), request.clone());
            async move { registry.get_enterprise(request).await }
        };
        match self.budget.retry(is_unavailable, ask).await {
            Ok(_) => Ok(true),
            // A code that fails its outer check and is not registered counts as mistyped.
            Err(status) if matches!(status.code(), Code::NotFound | Code::InvalidArgument) => {
                Ok(false)
            }
            Err(status) => Err(called(REGISTRY, status)),
        }
    }

    /// The registry's facts of this moment. Stops reading where `known` is of this moment.
    pub(super) async fn facts(
        &self,
        known: Option<Arc<RegistryFacts>>,
    ) -> Result<Arc<RegistryFacts>, PeerError> {
        let read = || self.read_facts(known.clone());
        self.budget.retry(PeerError::is_unavailable, read).await
    }

    /// All platforms, by id.
    pub(super) async fn platforms(&self) -> Result<Vec<PlatformReports>, PeerError> {
        let mut platforms = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = ListPlatformsRequest {
                page_size: PAGE_SIZE,
                page_token,
            };
            let ask = || {
                let (mut client, request) = (self.client.clone(), request.clone());
                async move { client.list_platforms(request).await }
            };
            let answer = self.budget.retry(is_unavailable, ask).await;
            let page = answer
                .map_err(|status| called(REGISTRY, status))?
                .into_inner();
            for row in &page.platforms {
                platforms.push(platform(row).map_err(|error| parsed(REGISTRY, &error))?);
            }
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok(platforms);
            }
        }
    }

    async fn read_facts(
        &self,
        known: Option<Arc<RegistryFacts>>,
    ) -> Result<Arc<RegistryFacts>, PeerError> {
        let request = ReadFactsRequest { revision: 0 };
        let answer = self.client.clone().read_facts(request).await;
        let mut stream = answer
            .map_err(|status| called(REGISTRY, status))?
            .into_inner();
        let first = next(REGISTRY, &mut stream).await?;
        let revision = first.map(|message| message.revision).unwrap_or_default();
        if revision < 0 {
            return Err(broken(REGISTRY, format!("revision {revision}")));
        }
        if let Some(known) = known.filter(|known| known.revision == revision) {
            return Ok(known);
        }
        let mut facts = RegistryFacts {
            revision,
            enterprises: Vec::new(),
            bindings: Vec::new(),
            platforms: Vec::new(),
        };
        while let Some(message) = next(REGISTRY, &mut stream).await? {
            for enterprise in message.enterprises {
                facts.enterprises.push(enterprise_facts(enterprise)?);
            }
            for row in &message.bindings {
                let binding = binding(row).map_err(|error| parsed(REGISTRY, &error))?;
                facts.bindings.push(binding);
            }
            for row in &message.platforms {
                let platform = platform(row).map_err(|error| parsed(REGISTRY, &error))?;
                facts.platforms.push(platform);
            }
        }
        Ok(Arc::new(facts))
    }
}

fn enterprise_facts(facts: registry::EnterpriseFacts) -> Result<EnterpriseFacts, PeerError> {
    let enterprise = facts.enterprise;
    let enterprise = enterprise.ok_or_else(|| broken(REGISTRY, "facts of nobody"))?;
    let parse = || {
        let (industry, district) = codes(&enterprise)?;
        let suspensions = facts.suspensions.iter().map(|suspension| {
            Interval::parse(&suspension.suspended_from, &suspension.suspended_to)
        });
        Ok(EnterpriseFacts {
            uscc: Uscc::parse_excepted(&enterprise.uscc)?,
            industry,
            district,
            filings: facts.filings.iter().map(filing).collect(),
            suspensions: suspensions.collect::<Result<_, _>>()?,
        })
    };
    parse().map_err(|error: ParseError| parsed(REGISTRY, &error))
}

/// The industry and the district of an enterprise, with their changes.
fn codes(
    enterprise: &registry::Enterprise,
) -> Result<(Dated<IndustryCode>, Dated<DistrictCode>), ParseError> {
    let (mut industries, mut districts) = (BTreeMap::new(), BTreeMap::new());
    for change in &enterprise.code_changes {
        let from = parse_date(&change.effective_from)?;
        match change.kind() {
            CodeKind::District => {
                districts.insert(from, DistrictCode::parse(&change.code)?);
            }
            CodeKind::Industry => {
                industries.insert(from, IndustryCode::parse(&change.code)?);
            }
            CodeKind::Unspecified => {
                let kind = change.kind.to_string();
                return Err(ParseError::new("KIND_INVALID", &kind, "a kind of code"));
            }
        }
    }
    Ok((
        Dated::new(IndustryCode::parse(&enterprise.industry_code)?, industries),
        Dated::new(DistrictCode::parse(&enterprise.district_code)?, districts),
    ))
}

fn filing(filing: &registry::Filing) -> (i32, Filing) {
    let figures = Filing {
        headcount: filing.headcount,
        annual_revenue_fen: Fen::new(filing.annual_revenue_fen),
        total_assets_fen: Fen::new(filing.total_assets_fen),
    };
    (filing.fiscal_year, figures)
}

fn binding(row: &registry::MerchantBinding) -> Result<Binding, ParseError> {
    Ok(Binding {
        platform_id: PlatformId::parse(&row.platform_id)?,
        merchant_id: MerchantId::parse(&row.merchant_id)?,
        uscc: Uscc::parse_excepted(&row.uscc)?,
        bound: Interval::parse(&row.bound_from, &row.bound_to)?,
    })
}

fn platform(row: &registry::Platform) -> Result<PlatformReports, ParseError> {
    Ok(PlatformReports {
        platform_id: PlatformId::parse(&row.platform_id)?,
        reports_from: optional::parse(&row.reports_from, Period::parse)?,
        reports_to: optional::parse(&row.reports_to, Period::parse)?,
    })
}
