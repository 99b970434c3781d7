//! What the platforms charged, from every cell of the usage service.

use std::collections::BTreeMap;

use gazelle_client::{
    Authorized, ClientError,
    peer::{PeerConfig, connect},
    retry::{Budget, is_unavailable},
};
use gazelle_kernel::{ParseError, Period, PlatformId, parse_digest};
use gazelle_proto::usage::v1::{
    self as usage, ListPeriodsRequest, PeriodState, ReadSealedTotalsRequest,
    read_sealed_totals_response::Part, usage_service_client::UsageServiceClient,
};

use super::{
    error::{PeerError, broken, called, parsed},
    stream::{MESSAGE_BYTES_MAX, next},
    totals::{SealedPeriod, USAGE, add_totals},
};
use crate::domain::{
    rules::totals::SealedTotals,
    run::{OwedPeriod, ReportedPeriod, Seal},
};

/// Periods that are asked for at a time.
const PAGE_SIZE: i32 = 1_000;

/// What the usage services hold of a span of periods, by platform and period.
#[derive(Debug, Default)]
pub struct UsageRead {
    /// The first periods in which platforms reported or stated anything, whenever that was.
    pub first_periods: BTreeMap<PlatformId, Period>,
    pub sealed: Vec<SealedPeriod>,
    /// Periods in which something was reported or stated, and that are not sealed.
    pub open: Vec<OwedPeriod>,
}

impl UsageRead {
    /// The periods of the span in which something was reported or stated.
    #[must_use]
    pub fn reported(&self) -> Vec<ReportedPeriod> {
        let sealed = self.sealed.iter().map(|sealed| ReportedPeriod {
            platform_id: sealed.seal.platform_id.clone(),
            period: sealed.seal.period,
            sealed: true,
        });
        let open = self.open.iter().map(|open| ReportedPeriod {
            platform_id: open.platform_id.clone(),
            period: open.period,
            sealed: false,
        });
        sealed.chain(open).collect()
    }
}

/// A period in which something was reported or stated.
#[derive(Debug)]
pub struct HeldPeriod {
    /// Whose, and whether it is sealed.
    pub reported: ReportedPeriod,
    /// Whether the platform stated its totals.
    pub stated: bool,
}

/// One cell of the usage service. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    client: UsageServiceClient<Authorized>,
    budget: Budget,
}

impl Cell {
    /// Connects when first used.
    pub(super) fn new(config: &PeerConfig) -> Result<Self, ClientError> {
        let client = UsageServiceClient::new(connect(config)?);
        Ok(Self {
            client: client.max_decoding_message_size(MESSAGE_BYTES_MAX),
            budget: Budget::default(),
        })
    }

    /// All periods of the cell, of whatever year.
    pub(super) async fn periods(&self) -> Result<Vec<HeldPeriod>, PeerError> {
        let mut held = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = ListPeriodsRequest {
                platform_id: String::new(),
                page_size: PAGE_SIZE,
                page_token,
            };
            let ask = || {
                let (mut client, request) = (self.client.clone(), request.clone());
                async move { client.list_periods(request).await }
            };
            let answer = self.budget.retry(is_unavailable, ask).await;
            let page = answer.map_err(|status| called(USAGE, status))?.into_inner();
            for period in page.periods.iter().filter(|period| holds_anything(period)) {
                held.push(held_period(period)?);
            }
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok(held);
            }
        }
    }

    /// What the cell holds of a span of periods, with the totals of the sealed ones.
    pub(super) async fn read(
        &self,
        request: &ReadSealedTotalsRequest,
    ) -> Result<UsageRead, PeerError> {
        let read = || self.read_once(request.clone());
        self.budget.retry(PeerError::is_unavailable, read).await
    }

    async fn read_once(&self, request: ReadSealedTotalsRequest) -> Result<UsageRead, PeerError> {
        let answer = self.client.clone().read_sealed_totals(request).await;
        let mut stream = answer.map_err(|status| called(USAGE, status))?.into_inner();
        let mut read = UsageRead::default();
        let mut sealed = false;
        while let Some(message) = next(USAGE, &mut stream).await? {
            match message.part {
                Some(Part::FirstPeriod(first)) => {
                    let owed = owed_period(&first.platform_id, &first.period)?;
                    read.first_periods.insert(owed.platform_id, owed.period);
                }
                Some(Part::Period(period)) => {
                    sealed = period.state() == PeriodState::Sealed;
                    let owed = owed_period(&period.platform_id, &period.period)?;
                    if sealed {
                        let seal = seal(owed, period.seal)?;
                        let totals = SealedTotals::default();
                        read.sealed.push(SealedPeriod { seal, totals });
                    } else {
                        read.open.push(owed);
                    }
                }
                Some(Part::Totals(part)) => {
                    let period = read.sealed.last_mut().filter(|_| sealed);
                    let period = period.ok_or_else(|| broken(USAGE, "totals without a seal"))?;
                    add_totals(period, &part)?;
                }
                None => return Err(broken(USAGE, "an empty message")),
            }
        }
        Ok(read)
    }
}

fn seal(owed: OwedPeriod, seal: Option<usage::Seal>) -> Result<Seal, PeerError> {
    let digest = seal.and_then(|seal| parse_digest(&seal.digest).ok());
    let digest = digest.ok_or_else(|| broken(USAGE, format!("{owed} has no digest")))?;
    Ok(Seal {
        platform_id: owed.platform_id,
        period: owed.period,
        digest,
    })
}

/// Whether anything is reported or stated; what was withdrawn counts nowhere, but is listed.
fn holds_anything(period: &usage::Period) -> bool {
    let received = period.received.as_ref();
    let record_count = received.map_or(0, |received| received.record_count);
    record_count > 0 || period.statement.is_some() || period.seal.is_some()
}

fn held_period(period: &usage::Period) -> Result<HeldPeriod, PeerError> {
    let owed = owed_period(&period.platform_id, &period.period)?;
    let reported = ReportedPeriod {
        platform_id: owed.platform_id,
        period: owed.period,
        sealed: period.state() == PeriodState::Sealed,
    };
    Ok(HeldPeriod {
        reported,
        stated: period.statement.is_some(),
    })
}

fn owed_period(platform_id: &str, period: &str) -> Result<OwedPeriod, PeerError> {
    let parse = || -> Result<OwedPeriod, ParseError> {
        Ok(OwedPeriod {
            platform_id: PlatformId::parse(platform_id)?,
            period: Period::parse(period)?,
        })
    };
    parse().map_err(|error| parsed(USAGE, &error))
}

#[cfg(test)]
mod tests {
    use gazelle_proto::receipt::Receipt;

    use super::*;

    #[test]
    fn a_period_of_which_all_was_withdrawn_holds_nothing() {
        let withdrawn = usage::Period {
            received: Some(Receipt::default()),
            last_withdrawal: Some(usage::Withdrawal::default()),
            ..usage::Period::default()
        };
        assert!(!holds_anything(&withdrawn));
        let stated = usage::Period {
            statement: Some(usage::Statement::default()),
            ..withdrawn.clone()
        };
        let received = Receipt {
            record_count: 1,
            ..Receipt::default()
        };
        let reported = usage::Period {
            received: Some(received),
            ..withdrawn
        };
        assert!(holds_anything(&stated) && holds_anything(&reported));
    }
}
