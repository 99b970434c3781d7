//! A partner platform that joins a suite of one machine.

use std::path::PathBuf;

use gazelle_client::{Bearer, Client, Endpoints};
use gazelle_proto::usage::v1::GetPeriodRequest;
use tokio::process::Command;
use tonic::Code;

use crate::binary::{Ran, command, run};
use crate::desk::Desk;
use crate::fresh;
use crate::suite::Suite;

/// A partner with a folder of their own: its key never goes anywhere else.
#[derive(Debug)]
pub struct Partner {
    /// Where its files are.
    pub desk: Desk,
    /// The platform that it is of.
    pub platform: String,
}

impl Partner {
    /// One whose platform the registrar has made known.
    pub async fn known() -> Self {
        let partner = Self {
            desk: Desk::new(),
            platform: fresh::platform("mall"),
        };
        let add = format!("platform add {} --reports-from 2025-01", partner.platform);
        let _ = partner.desk.gazelle("registrar", &add).await.done();
        partner
    }

    /// A file of its own.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.desk.folder().join(name)
    }

    /// Makes a key and a request as its guide says, and asks for far more than it gets.
    pub async fn asks(&self) {
        let made = Command::new("openssl")
            .args(["req", "-new", "-newkey", "ec", "-nodes"])
            .args(["-pkeyopt", "ec_paramgen_curve:P-256"])
            .args(["-subj", "/CN=service:settlement"])
            .args([
                "-addext",
                "subjectAltName=URI:spiffe://gazelle.local/platform/other",
            ])
            .arg("-keyout")
            .arg(self.file("key.pem"))
            .arg("-out")
            .arg(self.file("request.pem"))
            .output()
            .await
            .unwrap();
        assert!(made.status.success(), "{made:?}");
    }

    /// Has the request signed, and returns the certificate's serial number.
    pub async fn signed(&self) -> String {
        let sign = format!(
            "--output json platform certificate {} --csr {} --out {}",
            self.platform,
            self.file("request.pem").display(),
            self.file("certificate.pem").display()
        );
        let signed = operator(&sign).await.done().json();
        signed["serial"].as_str().unwrap().to_owned()
    }

    fn endpoints(&self) -> Endpoints {
        Endpoints {
            certificate_file: Some(self.file("certificate.pem")),
            key_file: Some(self.file("key.pem")),
            ..Suite::shared().endpoints.clone()
        }
    }

    /// Clients that show the certificate and no token.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(&self.endpoints(), &Bearer::none()).unwrap()
    }

    /// Asks for a month of a platform; the answer that there is none yet is an answer too.
    pub async fn reads(client: &Client, platform: &str) -> Result<(), Code> {
        let request = GetPeriodRequest {
            platform_id: platform.to_owned(),
            period: "2025-01".to_owned(),
        };
        match client.usage.clone().get_period(request).await {
            Ok(_) => Ok(()),
            Err(status) if status.code() == Code::NotFound => Ok(()),
            Err(status) => Err(status.code()),
        }
    }
}

/// Whoever runs the machine, as nobody in particular.
pub async fn operator(arguments: &str) -> Ran {
    run(command(Suite::shared().home.folder(), "", arguments)).await
}
