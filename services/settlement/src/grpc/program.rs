//! `ProgramService`.

use gazelle_kernel::{ParseError, ProgramId, Uscc, parse_date};
use gazelle_proto::settlement::v1::{
    self as pb, ErrorReason, program_service_server::ProgramService,
};
use gazelle_runtime::{page::List, status::FieldViolation};
use tonic::{Request, Response, Status};

use super::{convert, count, open, program_id};
use crate::app::{App, EnrollmentRefused, FieldRefused, Item, Rejection};

/// Serves programs and enrollments.
#[derive(Debug, Clone)]
pub struct Programs(pub App);

#[tonic::async_trait]
impl ProgramService for Programs {
    async fn apply_program(
        &self,
        request: Request<pb::ApplyProgramRequest>,
    ) -> Result<Response<pb::ApplyProgramResponse>, Status> {
        let (by, request) = open(request);
        let program = request
            .program
            .ok_or_else(|| invalid("program", "MISSING", "", "a program"))?;
        let applied = self.0.apply_program(by, convert::terms(&program)?).await?;
        Ok(Response::new(pb::ApplyProgramResponse {
            program: Some(convert::program(&applied.version)),
            changed: applied.changed,
        }))
    }

    async fn get_program(
        &self,
        request: Request<pb::GetProgramRequest>,
    ) -> Result<Response<pb::GetProgramResponse>, Status> {
        let request = request.into_inner();
        let id = program_id(&request.program_id)?;
        let version = match request.version {
            0 => None,
            version @ 1.. => Some(version),
            version => {
                let expected = "a version from 1, or 0 for the newest";
                return Err(invalid(
                    "version",
                    "VERSION_INVALID",
                    &version.to_string(),
                    expected,
                ));
            }
        };
        let version = self.0.program(&id, version).await?;
        Ok(Response::new(pb::GetProgramResponse {
            program: Some(convert::program(&version)),
        }))
    }

    async fn list_programs(
        &self,
        request: Request<pb::ListProgramsRequest>,
    ) -> Result<Response<pb::ListProgramsResponse>, Status> {
        let request = request.into_inner();
        let list = List::new("programs", &[]);
        let page = list.page(request.page_size, &request.page_token)?;
        let after = page.after(|[id]| ProgramId::parse(id).ok())?;
        let rows = self.0.programs(after.as_ref(), page.limit()).await?;
        let (rows, next_page_token) = list.cut(&page, rows, |row| [row.program.id().to_string()]);
        Ok(Response::new(pb::ListProgramsResponse {
            programs: rows.iter().map(convert::program).collect(),
            next_page_token,
        }))
    }

    async fn put_enrollments(
        &self,
        request: Request<pb::PutEnrollmentsRequest>,
    ) -> Result<Response<pb::PutEnrollmentsResponse>, Status> {
        let (by, request) = open(request);
        let item = |item: &pb::Enrollment| -> Item {
            convert::enrollment(item).map_err(|(field, error)| FieldRefused { field, error })
        };
        let items = request.enrollments.iter().map(item).collect();
        let imported = self.0.put_enrollments(by, items).await?;
        Ok(Response::new(pb::PutEnrollmentsResponse {
            result: Some(pb::ImportResult {
                created_count: count(imported.created_count),
                changed_count: count(imported.changed_count),
                unchanged_count: count(imported.unchanged_count),
                rejections: imported.rejections.iter().map(rejection).collect(),
            }),
        }))
    }

    async fn list_enrollments(
        &self,
        request: Request<pb::ListEnrollmentsRequest>,
    ) -> Result<Response<pb::ListEnrollmentsResponse>, Status> {
        let request = request.into_inner();
        let id = program_id(&request.program_id)?;
        let list = List::new("enrollments", &[id.as_str()]);
        let page = list.page(request.page_size, &request.page_token)?;
        let after = page.after(|[uscc, from]| {
            Some((Uscc::parse_excepted(uscc).ok()?, parse_date(from).ok()?))
        })?;
        let after = after.as_ref().map(|(uscc, from)| (uscc, *from));
        let rows = self.0.enrollments(&id, after, page.limit()).await?;
        let (rows, next_page_token) = list.cut(&page, rows, |row| {
            [row.uscc.to_string(), row.effective.from().to_string()]
        });
        Ok(Response::new(pb::ListEnrollmentsResponse {
            enrollments: rows.iter().map(convert::enrollment_of).collect(),
            next_page_token,
        }))
    }
}

fn invalid(field: &str, reason: &'static str, refused: &str, expected: &'static str) -> Status {
    let error = ParseError::new(reason, refused, expected);
    FieldViolation::new(field, reason, error.to_string()).into()
}

fn rejection(rejection: &Rejection) -> pb::Rejection {
    let (reason, field, message) = match &rejection.reason {
        EnrollmentRefused::Field(FieldRefused { field, error }) => {
            (error.reason(), *field, error.to_string())
        }
        EnrollmentRefused::ProgramNotFound(id) => (
            name(ErrorReason::ProgramNotFound),
            "program_id",
            format!("there is no program {id}: apply it first"),
        ),
        EnrollmentRefused::Overlap(overlap) => (
            name(ErrorReason::EnrollmentOverlap),
            "",
            format!("{overlap}: end that one first, or start after it"),
        ),
        EnrollmentRefused::RepeatedInBatch => (
            name(ErrorReason::RepeatedInBatch),
            "",
            "the same program, enterprise and first day stand earlier in the batch with other \
             content: keep one of them"
                .into(),
        ),
    };
    pb::Rejection {
        index: count(rejection.index),
        reason: reason.into(),
        field: field.into(),
        message,
    }
}

fn name(reason: ErrorReason) -> &'static str {
    let name = reason.as_str_name();
    name.strip_prefix("ERROR_REASON_").unwrap_or(name)
}
