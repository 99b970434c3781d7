//! Which of two records of one id stands: the one that came first in its stream.

use gazelle_tests::fresh;
use gazelle_tests::report::{Stream, fate, fee, reversal};
use gazelle_tests::suite::Suite;

const PERIOD: &str = "2017-03";

#[tokio::test]
async fn of_two_contents_of_an_id_under_way_the_first_stands() {
    let platform = fresh::platform("mall");
    let client = Suite::shared().platform(&platform);
    let mut stream = Stream::open(&client, &platform);
    let one = |id: &str, amount_fen| vec![fee(id, "shop", "COMMISSION", "2017-03-05", amount_fen)];
    for number in 0..300 {
        let id = format!("r{number}");
        // While records come again what stands is looked up first.
        let comes_again = number % 3 == 1;
        if comes_again {
            stream.send(PERIOD, one("r0", 5)).await;
        }
        stream.send(PERIOD, one(&id, 5)).await;
        if number % 3 == 2 {
            let back = reversal(&format!("-{id}"), &one(&id, 5)[0], 5);
            stream.send(PERIOD, vec![back]).await;
        }
        stream.send(PERIOD, one(&id, 6)).await;
        let mut fates = Vec::new();
        for _ in 0..(2 + usize::from(number % 3 > 0)) {
            fates.push(fate(&stream.answer().await.unwrap(), 0));
        }
        let expected = match number % 3 {
            0 => vec!["ACCEPTED", "RECORD_CONFLICT"],
            1 => vec!["DUPLICATE", "ACCEPTED", "RECORD_CONFLICT"],
            _ => vec!["ACCEPTED", "ACCEPTED", "RECORD_CONFLICT"],
        };
        assert_eq!(fates, expected, "{id}");
    }
}

#[tokio::test]
async fn an_id_for_two_months_stands_in_the_one_that_it_came_for_first() {
    let platform = fresh::platform("mall");
    let client = Suite::shared().platform(&platform);
    let mut stream = Stream::open(&client, &platform);
    let months = ["2017-03", "2017-02"];
    for number in 0..100 {
        let id = format!("r{number}");
        let one = |month: &str| fee(&id, "shop", "COMMISSION", &format!("{month}-05"), 5);
        let (first, second) = (months[number % 2], months[1 - number % 2]);
        stream.send(first, vec![one(first)]).await;
        stream.send(second, vec![one(second)]).await;
        let mut fates = Vec::new();
        for _ in 0..2 {
            fates.push(fate(&stream.answer().await.unwrap(), 0));
        }
        assert_eq!(
            fates,
            ["ACCEPTED", "RECORD_CONFLICT"],
            "{id} first in {first}"
        );
    }
}
