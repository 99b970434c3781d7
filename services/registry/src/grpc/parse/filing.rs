//! What requests say about filings.

use gazelle_proto::registry::v1 as pb;

use super::common::{InItem, uscc};
use crate::domain::{
    filing::{Filing, FiscalYear, amount, headcount},
    import::Item,
};

/// A filing of a batch.
pub fn filing(item: &pb::Filing) -> Item<Filing> {
    Ok(Filing {
        uscc: uscc(&item.uscc).at("uscc")?,
        fiscal_year: FiscalYear::new(item.fiscal_year).at("fiscal_year")?,
        headcount: headcount(item.headcount).at("headcount")?,
        annual_revenue: amount(item.annual_revenue_fen).at("annual_revenue_fen")?,
        total_assets: amount(item.total_assets_fen).at("total_assets_fen")?,
    })
}
