//! `gazelle payment`.

mod answer;
mod decide;
mod export;
mod foreseen;
mod list;
mod money;
mod order;
mod renamed;
mod tables;

pub(super) use export::ToldFile;
pub use money::statement;
pub(crate) use order::prepare;

use crate::args::PaymentCommand;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Notes, progress};
use crate::words;

pub(crate) async fn run(context: &mut Context, command: PaymentCommand) -> Result<(), Failure> {
    let client = context.client().await?;
    match command {
        PaymentCommand::Prepare { program, last } => {
            let wait = progress::waiting(words::PREPARING.say());
            let prepared = prepare(&client, &program, last).await;
            wait.finish_and_clear();
            let prepared = prepared.map_err(|failure| match failure.reason() {
                "NOTHING_TO_PAY" => failure.hint(words::NOBODY_PAYABLE.say()),
                _ => failure,
            })?;
            let mut notes = Notes::default();
            notes.add(renamed::notes(&client, &prepared.order_id).await);
            let mut facts = order::facts(&prepared);
            facts.push(notes.field());
            context.out.one(&facts)?;
            notes.tell(&mut context.out)
        }
        PaymentCommand::Show { order, table: None } => {
            let found = order::find(&client, order).await?;
            context.out.one(&order::facts(&found))
        }
        PaymentCommand::Show {
            order,
            table: Some(table),
        } => {
            let order_id = order::id(&client, order).await?;
            tables::show(context, &client, &order_id, table).await
        }
        PaymentCommand::Release { order, digest } => {
            decide::release(context, &client, order, digest).await
        }
        PaymentCommand::Cancel { order } => decide::cancel(context, &client, order).await,
        PaymentCommand::Export { order, format, out } => {
            let order_id = order::id(&client, order).await?;
            export::run(context, &client, order_id, format, &out).await
        }
        PaymentCommand::Answer { file } => answer::take(context, &client, &file).await,
        PaymentCommand::Answers { order } => answer::list(context, &client, order).await,
        PaymentCommand::Balances { program } => money::balances(context, &client, &program).await,
        PaymentCommand::List { program } => order::list(context, &client, program).await,
        PaymentCommand::Money { program } => money::show(context, &client, &program).await,
    }
}
