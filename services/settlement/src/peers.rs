//! What settlement reads from the other services, as values of the domain.
//!
//! Nothing here is written anywhere, and nothing here runs inside a transaction. A stream that
//! stops for longer than [`MESSAGE_WAIT`] is given up.

use std::{collections::BTreeMap, error::Error, sync::Arc, time::Duration};

use gazelle_kernel::{
    Date, DistrictCode, FeeKind, IndustryCode, Interval, MerchantId, ParseError, Period,
    PlatformId, Uscc, parse_date,
};
use gazelle_proto::{
    registry::v1::{
        self as registry, CodeKind, GetEnterpriseRequest, ReadFactsRequest,
        registry_service_client::RegistryServiceClient,
    },
    usage::v1::{
        self as usage, PeriodState, ReadSealedTotalsRequest, read_sealed_totals_response::Part,
        usage_service_client::UsageServiceClient,
    },
};
use gazelle_runtime::{
    config::PeerConfig,
    peers::{Budget, Peer, PeerError as ChannelError, channel, is_unavailable},
};
use time::macros::date;
use tokio::time::timeout;
use tonic::{Code, Status, Streaming};

use crate::{
    config::PeersConfig,
    domain::{
        rules::facts::{Binding, EnterpriseFacts, Filing, Timeline},
        rules::totals::{DayTotal, SealedTotals},
    },
    seal::Seal,
};

/// Longest wait for the next message of a stream.
pub const MESSAGE_WAIT: Duration = Duration::from_secs(30);

/// The largest message that the contract's bounds allow, with room: 1,000 merchants with every
/// kind and day.
const MESSAGE_BYTES_MAX: usize = 64 * 1024 * 1024;

const REGISTRY: &str = "registry";
const USAGE: &str = "usage";

/// Another service did not give what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// It refused, does not answer, or stopped in the middle.
    #[error("the {peer} service did not answer")]
    Call {
        /// Which service.
        peer: &'static str,
        /// Its status.
        source: Box<dyn Error + Send + Sync>,
    },
    /// It answered something that the contract does not allow.
    #[error("the {peer} service broke the contract: {what}")]
    Broken {
        /// Which service.
        peer: &'static str,
        /// How.
        what: String,
    },
}

impl PeerError {
    /// Whether a new attempt may succeed: reading again changes nothing.
    fn is_unavailable(&self) -> bool {
        match self {
            Self::Call { source, .. } => source.downcast_ref().is_some_and(is_unavailable),
            Self::Broken { .. } => false,
        }
    }
}

/// What the registry holds at one revision.
#[derive(Debug)]
pub struct RegistryFacts {
    /// The revision.
    pub revision: i64,
    /// Enterprises, by code.
    pub enterprises: Vec<EnterpriseFacts>,
    /// Bindings, by platform, account and first day.
    pub bindings: Vec<Binding>,
}

/// A sealed period with its totals.
#[derive(Debug)]
pub struct SealedPeriod {
    /// Its seal.
    pub seal: Seal,
    /// Its totals.
    pub totals: SealedTotals,
}

/// What the usage services hold of a span of periods, by platform and period.
#[derive(Debug, Default)]
pub struct UsageRead {
    /// Sealed periods.
    pub sealed: Vec<SealedPeriod>,
    /// Periods in which something was reported or stated, and that are not sealed.
    pub open: Vec<(PlatformId, Period)>,
}

/// The services that settlement reads from. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Peers {
    registry: RegistryServiceClient<Peer>,
    registry_budget: Budget,
    usage: Arc<[(UsageServiceClient<Peer>, Budget)]>,
}

impl Peers {
    /// Connects when first used.
    pub fn new(config: &PeersConfig) -> Result<Self, ChannelError> {
        let usage = |cell: &PeerConfig| {
            let client = UsageServiceClient::new(channel(cell)?);
            let client = client.max_decoding_message_size(MESSAGE_BYTES_MAX);
            Ok((client, Budget::default()))
        };
        let registry = RegistryServiceClient::new(channel(&config.registry)?);
        Ok(Self {
            registry: registry.max_decoding_message_size(MESSAGE_BYTES_MAX),
            registry_budget: Budget::default(),
            usage: config
                .usage
                .iter()
                .map(usage)
                .collect::<Result<_, ChannelError>>()?,
        })
    }

    /// Whether the registry has an enterprise of this code.
    pub async fn knows_enterprise(&self, uscc: &Uscc) -> Result<bool, PeerError> {
        let request = GetEnterpriseRequest {
            uscc: uscc.to_string(),
        };
        let ask = || {
            let (mut registry, request) = (self.registry.clone(), request.clone());
            async move { registry.get_enterprise(request).await }
        };
        match self.registry_budget.retry(is_unavailable, ask).await {
            Ok(_) => Ok(true),
            // A code that fails its outer check and is not registered counts as mistyped.
            Err(status) if matches!(status.code(), Code::NotFound | Code::InvalidArgument) => {
                Ok(false)
            }
            Err(status) => Err(called(REGISTRY, status)),
        }
    }

    /// The registry's facts of this moment. Stops reading where `known` is of this moment.
    pub async fn facts(
        &self,
        known: Option<Arc<RegistryFacts>>,
    ) -> Result<Arc<RegistryFacts>, PeerError> {
        let read = || self.read_facts(known.clone());
        self.registry_budget
            .retry(PeerError::is_unavailable, read)
            .await
    }

    async fn read_facts(
        &self,
        known: Option<Arc<RegistryFacts>>,
    ) -> Result<Arc<RegistryFacts>, PeerError> {
        let request = ReadFactsRequest { revision: 0 };
        let answer = self.registry.clone().read_facts(request).await;
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
        let (mut enterprises, mut bindings) = (Vec::new(), Vec::new());
        while let Some(message) = next(REGISTRY, &mut stream).await? {
            for enterprise in message.enterprises {
                enterprises.push(enterprise_facts(enterprise)?);
            }
            for row in &message.bindings {
                bindings.push(binding(row).map_err(|error| parsed(REGISTRY, &error))?);
            }
        }
        Ok(Arc::new(RegistryFacts {
            revision,
            enterprises,
            bindings,
        }))
    }

    /// The periods `from` to `through` of these platforms, of all where none is named, with the
    /// totals of the sealed ones.
    pub async fn sealed_totals(
        &self,
        platforms: &[PlatformId],
        from: Period,
        through: Period,
    ) -> Result<UsageRead, PeerError> {
        let request = ReadSealedTotalsRequest {
            platform_ids: platforms.iter().map(ToString::to_string).collect(),
            from_period: from.to_string(),
            through_period: through.to_string(),
        };
        let cells = self.usage.iter().map(|(cell, budget)| {
            let read = || read_cell(cell.clone(), request.clone());
            budget.retry(PeerError::is_unavailable, read)
        });
        let mut read = UsageRead::default();
        for cell in futures::future::try_join_all(cells).await? {
            read.sealed.extend(cell.sealed);
            read.open.extend(cell.open);
        }
        read.sealed.sort_by(|a, b| a.seal.cmp(&b.seal));
        read.open.sort();
        let key = |period: &SealedPeriod| (period.seal.platform_id.clone(), period.seal.period);
        if let Some(twice) = read
            .sealed
            .windows(2)
            .find(|pair| key(&pair[0]) == key(&pair[1]))
        {
            let Seal {
                platform_id,
                period,
                ..
            } = &twice[0].seal;
            return Err(broken(
                USAGE,
                format!("{platform_id} {period} is in two cells"),
            ));
        }
        Ok(read)
    }
}

async fn read_cell(
    mut cell: UsageServiceClient<Peer>,
    request: ReadSealedTotalsRequest,
) -> Result<UsageRead, PeerError> {
    let answer = cell.read_sealed_totals(request).await;
    let mut stream = answer.map_err(|status| called(USAGE, status))?.into_inner();
    let mut read = UsageRead::default();
    let mut sealed = false;
    while let Some(message) = next(USAGE, &mut stream).await? {
        match message.part {
            Some(Part::Period(period)) => {
                sealed = period.state() == PeriodState::Sealed;
                let (platform_id, month) =
                    platform_period(&period).map_err(|error| parsed(USAGE, &error))?;
                if sealed {
                    let digest = period.seal.and_then(|seal| digest(&seal.digest));
                    let digest = digest.ok_or_else(|| {
                        broken(USAGE, format!("{platform_id} {month} has no digest"))
                    })?;
                    let seal = Seal {
                        platform_id,
                        period: month,
                        digest,
                    };
                    read.sealed.push(SealedPeriod {
                        seal,
                        totals: SealedTotals::default(),
                    });
                } else {
                    read.open.push((platform_id, month));
                }
            }
            Some(Part::Totals(part)) => {
                let period = read.sealed.last_mut().filter(|_| sealed);
                let period = period.ok_or_else(|| broken(USAGE, "totals without a seal".into()))?;
                let kinds = part.fee_kinds.iter().map(|kind| FeeKind::parse(kind));
                let kinds = kinds.collect::<Result<Vec<_>, _>>();
                let kinds = kinds.map_err(|error| parsed(USAGE, &error))?;
                for merchant in &part.merchants {
                    add_totals(period, &kinds, merchant)?;
                }
            }
            None => return Err(broken(USAGE, "an empty message".into())),
        }
    }
    Ok(read)
}

fn platform_period(period: &usage::Period) -> Result<(PlatformId, Period), ParseError> {
    Ok((
        PlatformId::parse(&period.platform_id)?,
        Period::parse(&period.period)?,
    ))
}

fn add_totals(
    period: &mut SealedPeriod,
    fee_kinds: &[FeeKind],
    merchant: &usage::MerchantTotals,
) -> Result<(), PeerError> {
    let uneven = || broken(USAGE, "a merchant's lists are not of one length".into());
    let usage::MerchantTotals {
        merchant_id,
        fee_kinds: kinds,
        fee_days,
        fees_fen,
        record_counts,
    } = merchant;
    let count = kinds.len();
    if [fee_days.len(), fees_fen.len(), record_counts.len()] != [count; 3] {
        return Err(uneven());
    }
    let merchant_id = MerchantId::parse(merchant_id).map_err(|error| parsed(USAGE, &error))?;
    let platform_id = period.seal.platform_id.clone();
    let mut days = Vec::with_capacity(count);
    for ((day, fen), records) in fee_days.iter().zip(fees_fen).zip(record_counts) {
        days.push(DayTotal {
            fee_date: fee_date(*day)?,
            fee_fen: *fen,
            record_count: u64::try_from(*records)
                .map_err(|_| broken(USAGE, format!("a total of {records} records")))?,
        });
    }
    let mut start = 0;
    for same_kind in kinds.chunk_by(|a, b| a == b) {
        let place = usize::try_from(same_kind[0]).ok();
        let fee_kind = place.and_then(|place| fee_kinds.get(place));
        let fee_kind = fee_kind.ok_or_else(|| broken(USAGE, "a fee kind without a name".into()))?;
        let end = start + same_kind.len();
        let of_kind = days[start..end].iter().copied();
        period
            .totals
            .push(&platform_id, &merchant_id, fee_kind, of_kind);
        start = end;
    }
    Ok(())
}

/// The day of a number of days since 1970.
fn fee_date(days: i32) -> Result<Date, PeerError> {
    days.checked_add(date!(1970 - 01 - 01).to_julian_day())
        .and_then(|day| Date::from_julian_day(day).ok())
        .ok_or_else(|| broken(USAGE, format!("day {days} is beyond the calendar")))
}

fn enterprise_facts(facts: registry::EnterpriseFacts) -> Result<EnterpriseFacts, PeerError> {
    let enterprise = facts.enterprise;
    let enterprise = enterprise.ok_or_else(|| broken(REGISTRY, "facts of nobody".into()))?;
    let parse = || {
        let (mut districts, mut industries) = (BTreeMap::new(), BTreeMap::new());
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
                    return Err(ParseError::new(
                        "CODE_KIND_INVALID",
                        &kind,
                        "a kind of code",
                    ));
                }
            }
        }
        let filing = |filing: &registry::Filing| {
            let figures = Filing {
                headcount: filing.headcount,
                annual_revenue_fen: filing.annual_revenue_fen,
                total_assets_fen: filing.total_assets_fen,
            };
            (filing.fiscal_year, figures)
        };
        let suspension = |suspension: &registry::Suspension| {
            Interval::parse(&suspension.suspended_from, &suspension.suspended_to)
        };
        Ok(EnterpriseFacts {
            uscc: Uscc::parse_excepted(&enterprise.uscc)?,
            industry: Timeline::new(IndustryCode::parse(&enterprise.industry_code)?, industries),
            district: Timeline::new(DistrictCode::parse(&enterprise.district_code)?, districts),
            filings: facts.filings.iter().map(filing).collect(),
            suspensions: facts
                .suspensions
                .iter()
                .map(suspension)
                .collect::<Result<_, _>>()?,
        })
    };
    parse().map_err(|error| parsed(REGISTRY, &error))
}

fn binding(row: &registry::MerchantBinding) -> Result<Binding, ParseError> {
    Ok(Binding {
        platform_id: PlatformId::parse(&row.platform_id)?,
        merchant_id: MerchantId::parse(&row.merchant_id)?,
        uscc: Uscc::parse_excepted(&row.uscc)?,
        bound: Interval::parse(&row.bound_from, &row.bound_to)?,
    })
}

fn digest(text: &str) -> Option<[u8; 32]> {
    hex::decode(text).ok()?.try_into().ok()
}

async fn next<T>(peer: &'static str, stream: &mut Streaming<T>) -> Result<Option<T>, PeerError> {
    match timeout(MESSAGE_WAIT, stream.message()).await {
        Ok(Ok(message)) => Ok(message),
        Ok(Err(status)) => Err(called(peer, status)),
        Err(_) => Err(called(
            peer,
            Status::deadline_exceeded("the stream stopped"),
        )),
    }
}

fn called(peer: &'static str, status: Status) -> PeerError {
    PeerError::Call {
        peer,
        source: status.into(),
    }
}

fn parsed(peer: &'static str, error: &ParseError) -> PeerError {
    broken(peer, error.to_string())
}

fn broken(peer: &'static str, what: String) -> PeerError {
    PeerError::Broken { peer, what }
}
