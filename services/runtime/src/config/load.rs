//! Reading a configuration.

use std::path::Path;

use config::{Environment, File, FileFormat};
use serde::de::DeserializeOwned;

/// The configuration of a service could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the configuration of {service} is not valid")]
pub struct ConfigError {
    service: String,
    source: Box<config::ConfigError>,
}

/// Reads the configuration of `service`: the TOML `file`, and over it the environment, where
/// `GAZELLE_USAGE__DATABASE__URL` is `url` in the section `database` of the service `usage`.
///
/// `T` and its sections should refuse unknown keys (`#[serde(deny_unknown_fields)]`), so that a
/// misspelt one is an error and not a default.
pub fn load<T: DeserializeOwned>(service: &str, file: Option<&Path>) -> Result<T, ConfigError> {
    load_over(service, file, None)
}

fn load_over<T: DeserializeOwned>(
    service: &str,
    file: Option<&Path>,
    environment: Option<std::collections::HashMap<String, String>>,
) -> Result<T, ConfigError> {
    let mut builder = config::Config::builder();
    if let Some(file) = file {
        builder = builder.add_source(File::from(file).format(FileFormat::Toml));
    }
    builder
        .add_source(
            Environment::with_prefix(&format!("GAZELLE_{}", service.to_uppercase()))
                .prefix_separator("__")
                .separator("__")
                .source(environment),
        )
        .build()
        .and_then(config::Config::try_deserialize)
        .map_err(|source| ConfigError {
            service: service.into(),
            source: Box::new(source),
        })
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, error::Error as _, fs};

    use serde::Deserialize;

    use super::*;
    use crate::config::{DatabaseConfig, ServerConfig};

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sections {
        server: ServerConfig,
        database: DatabaseConfig,
    }

    const FILE: &str = r#"
        [server]
        listen = "127.0.0.1:7001"
        plaintext = true
        [database]
        url = "postgres://gazelle_usage:sesame@db/gazelle_usage"
    "#;

    fn read(toml: &str, environment: &[(&str, &str)]) -> Result<Sections, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("usage.toml");
        fs::write(&file, toml).unwrap();
        let environment: HashMap<_, _> = environment
            .iter()
            .map(|&(key, value)| (key.into(), value.into()))
            .collect();
        load_over("usage", Some(&file), Some(environment))
            .map_err(|error| format!("{error}: {}", error.source().unwrap()))
    }

    #[test]
    fn the_environment_overrides_the_file_and_defaults_fill_the_rest() {
        let environment = [
            ("GAZELLE_USAGE__DATABASE__MAX_CONNECTIONS", "7"),
            ("GAZELLE_REGISTRY__DATABASE__MAX_CONNECTIONS", "9"),
        ];
        let sections = read(FILE, &environment).unwrap();
        assert_eq!(sections.server.listen.port(), 7001);
        assert_eq!(sections.database.max_connections.get(), 7);
        assert_eq!(sections.database.acquire_timeout_ms, 500);
    }

    #[test]
    fn a_bound_of_nothing_is_refused() {
        let none = ("GAZELLE_USAGE__DATABASE__MAX_CONNECTIONS", "0");
        let refused = read(FILE, &[none]).unwrap_err();
        assert!(refused.contains("nonzero"), "{refused}");
    }

    #[test]
    fn a_misspelt_key_is_refused_wherever_it_stands() {
        let misspelt = FILE.replace("[server]", "[server]\nlisten_on = 1");
        assert!(
            read(&misspelt, &[])
                .unwrap_err()
                .contains("unknown field `listen_on`")
        );
        let refused = read(FILE, &[("GAZELLE_USAGE__DATABASE__MAX_CONNECTION", "7")]);
        assert!(
            refused
                .unwrap_err()
                .contains("unknown field `max_connection`")
        );
        assert!(
            read(&format!("{FILE}\n[extra]\n"), &[])
                .unwrap_err()
                .contains("`extra`")
        );
    }

    #[test]
    fn a_password_shows_neither_in_debug_nor_in_an_error() {
        let shown = format!("{:?}", read(FILE, &[]).unwrap());
        assert!(
            shown.contains("gazelle_usage@db:5432/gazelle_usage"),
            "{shown}"
        );
        assert!(!shown.contains("sesame"), "{shown}");
        let broken = FILE.replace("@db", ":@db:@");
        assert!(!read(&broken, &[]).unwrap_err().contains("sesame"));
    }

    #[test]
    fn origins_of_pages_are_read_from_a_list_or_a_text_and_what_is_none_is_refused() {
        let listed =
            |text: &str| FILE.replace("[server]", &format!("[server]\ngrpc_web_origins = {text}"));
        let list = r#"["https://console.example", "http://localhost:5173"]"#;
        assert_eq!(
            read(&listed(list), &[])
                .unwrap()
                .server
                .grpc_web_origins
                .len(),
            2
        );
        let name = "GAZELLE_USAGE__SERVER__GRPC_WEB_ORIGINS";
        let both = (name, "https://console.example https://other.example");
        assert_eq!(
            read(FILE, &[both]).unwrap().server.grpc_web_origins.len(),
            2
        );
        assert!(read(FILE, &[]).unwrap().server.grpc_web_origins.is_empty());
        for wrong in [
            "*",
            "console.example",
            "https://console.example/",
            "https://",
            "null",
        ] {
            let refused = read(FILE, &[(name, wrong)]).unwrap_err();
            assert!(refused.contains("no origin"), "{wrong}: {refused}");
        }
    }
}
