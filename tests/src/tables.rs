//! The tables of a run, a line a row as in the result files of `SETTLEMENT.md`.

use gazelle_proto::settlement::v1::{
    EnterpriseResult, Line, ListRunEnterprisesRequest, ListRunExclusionsRequest,
    ListRunLinesRequest, Run,
};

use crate::city::City;

impl City<'_> {
    /// A run's enterprises, a line each as in the result file: uscc, uncapped, entitled, granted
    /// before, due, granted, unfunded.
    pub async fn enterprises(&self, run: &Run) -> Vec<String> {
        let request = ListRunEnterprisesRequest {
            run_id: run.run_id.clone(),
            ..ListRunEnterprisesRequest::default()
        };
        let page = self
            .auditor
            .runs
            .clone()
            .list_run_enterprises(request)
            .await;
        let page = page.unwrap().into_inner();
        assert_eq!(page.next_page_token, "");
        let line = |row: &EnterpriseResult| {
            format!(
                "{},{},{},{},{},{},{}",
                row.uscc,
                row.uncapped_fen,
                row.entitled_fen,
                row.granted_before_fen,
                row.due_fen,
                row.granted_fen,
                row.unfunded_fen
            )
        };
        page.enterprises.iter().map(line).collect()
    }

    /// A run's lines: uscc, platform, fee kind, fee, government, platform, enterprise.
    pub async fn lines(&self, run: &Run) -> Vec<String> {
        let request = ListRunLinesRequest {
            run_id: run.run_id.clone(),
            ..ListRunLinesRequest::default()
        };
        let page = self.auditor.runs.clone().list_run_lines(request).await;
        let page = page.unwrap().into_inner();
        assert_eq!(page.next_page_token, "");
        let line = |row: &Line| {
            format!(
                "{},{},{},{},{},{},{}",
                row.uscc,
                row.platform_id,
                row.fee_kind,
                row.fee_fen,
                row.government_fen,
                row.platform_fen,
                row.enterprise_fen
            )
        };
        page.lines.iter().map(line).collect()
    }

    /// What a run excluded: reason, fee.
    pub async fn exclusions(&self, run: &Run) -> Vec<String> {
        let request = ListRunExclusionsRequest {
            run_id: run.run_id.clone(),
        };
        let listed = self.auditor.runs.clone().list_run_exclusions(request).await;
        let rows = listed.unwrap().into_inner().exclusions;
        rows.iter()
            .map(|row| format!("{},{}", row.reason, row.fee_fen))
            .collect()
    }
}
