//! Several lists of what was taken back, and several authorities of one name.

use super::*;

/// Days from now.
fn days(count: i64) -> OffsetDateTime {
    now() + time::Duration::days(count)
}

#[tokio::test]
async fn of_several_lists_of_an_authority_the_newest_counts_wherever_it_stands() {
    let files = ServerFiles::new();
    let port = files.serve(&files.config(), LimitsConfig::default()).await;
    let (bad, good) = (files.certify(|_| {}), files.certify(|_| {}));
    let before = files.clients.list(&[], days(-2), days(1));
    let over = files.clients.list(&[], days(-3), days(-1));
    let newest = files.clients.list(&[&bad], days(-1), days(2));
    for lists in [
        [&before, &over, &newest],
        [&newest, &before, &over],
        [&over, &newest, &before],
    ] {
        files.write("crl.pem", &lists.map(String::as_str).concat());
        files.greet(&port, Some(&bad)).await.unwrap_err();
        port.counted("CERTIFICATE_REVOKED").await;
        let said = files.greet(&port, Some(&good)).await;
        assert_eq!(said.unwrap(), "platform:alpha");
    }
}

#[tokio::test]
async fn an_authority_that_changes_its_key_and_not_its_name_is_believed_with_both() {
    let files = ServerFiles::new();
    let port = files.serve(&files.config(), LimitsConfig::default()).await;
    let (last, next) = (&files.clients, Authority::new("clients"));
    let good = [last, &next].map(|it| it.certify(client(ALPHA)));
    let bad = [last, &next].map(|it| it.certify(client(ALPHA)));
    let lists = [(last, -1), (&next, -2)].map(|(it, made)| {
        let bad = [&bad[0], &bad[1]];
        it.list(&bad, days(made), days(1))
    });
    let both = [last.pem.as_str(), &next.pem].concat();
    files.write("clients-ca.pem", &both);
    for lists in [lists.concat(), [&*lists[1], &*lists[0]].concat()] {
        files.write("crl.pem", &lists);
        for good in &good {
            let said = files.greet(&port, Some(good)).await;
            assert_eq!(said.unwrap(), "platform:alpha");
        }
        for bad in &bad {
            files.greet(&port, Some(bad)).await.unwrap_err();
            port.counted("CERTIFICATE_REVOKED").await;
        }
    }
    // Without a list of its own, the other's says nothing of it.
    files.write("crl.pem", &lists[0]);
    files.greet(&port, Some(&good[1])).await.unwrap_err();
    files.greet(&port, Some(&good[0])).await.unwrap();
}

#[tokio::test]
async fn a_list_that_is_gone_or_cut_leaves_the_last_one_in_force() {
    let files = ServerFiles::new();
    let port = files.serve(&files.config(), LimitsConfig::default()).await;
    let (bad, good) = (files.certify(|_| {}), files.certify(|_| {}));
    let list = files.clients.revoked(&[&bad], until_tomorrow());
    files.write("crl.pem", &list);
    for wrong in [None, Some(""), Some(&list[..list.len() / 2])] {
        files.greet(&port, Some(&bad)).await.unwrap_err();
        port.counted("CERTIFICATE_REVOKED").await;
        match wrong {
            Some(text) => files.write("crl.pem", text),
            None => fs::remove_file(files.file("crl.pem")).unwrap(),
        }
        files.greet(&port, Some(&bad)).await.unwrap_err();
        port.counted("CERTIFICATE_REVOKED").await;
        let said = files.greet(&port, Some(&good)).await;
        assert_eq!(said.unwrap(), "platform:alpha");
    }
}
