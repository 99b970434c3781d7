//! Serves `GetPeriod` and `ListPeriods`.

use gazelle_kernel::{Period, PlatformId};
use gazelle_proto::{optional, usage::v1 as pb};
use gazelle_runtime::{
    access::principal,
    page::List,
    status::{FieldExt, Fields},
};
use tonic::{Request, Response, Status};

use super::{parse, render};
use crate::{app::App, domain::period::PeriodSelection};

/// Shows a period.
pub async fn get(
    app: &App,
    request: Request<pb::GetPeriodRequest>,
) -> Result<Response<pb::GetPeriodResponse>, Status> {
    let asked = request.get_ref();
    let mut fields = Fields::default();
    let named = parse::period(&mut fields, &asked.platform_id, &asked.period);
    let (platform, period) = fields.finish(named)?;
    let found = app.get_period(principal(&request), &platform, period);
    let period = Some(render::period_details(&found.await?));
    Ok(Response::new(pb::GetPeriodResponse { period }))
}

/// Lists periods, page by page.
pub async fn list(
    app: &App,
    request: Request<pb::ListPeriodsRequest>,
) -> Result<Response<pb::ListPeriodsResponse>, Status> {
    let asked = request.get_ref();
    let only = optional::parse(&asked.platform_id, PlatformId::parse).field("platform_id")?;
    let list = List::new("periods", &[&asked.platform_id]);
    let page = list.page(asked.page_size, &asked.page_token)?;
    let after = page.after(|[platform, period]| {
        Some((
            PlatformId::parse(platform).ok()?,
            Period::parse(period).ok()?,
        ))
    })?;
    let which = PeriodSelection {
        platform_ids: only.map(|id| vec![id]),
        after,
        limit: Some(page.limit()),
        with_withdrawn: true,
        ..PeriodSelection::default()
    };
    let periods = app.list_periods(principal(&request), which).await?;
    let (periods, next_page_token) = list.cut(&page, periods, |last| {
        [
            last.period.platform_id.to_string(),
            last.period.period.to_string(),
        ]
    });
    Ok(Response::new(pb::ListPeriodsResponse {
        periods: periods.iter().map(render::period_details).collect(),
        next_page_token,
    }))
}
