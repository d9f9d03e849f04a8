//! The one store, handed down by context.

use yew::prelude::*;

use crate::state::app::App;

/// The window's state and the way to change it. Dereferences to the state of this moment, also
/// inside of callbacks and tasks that were made earlier.
pub(crate) type Store = UseReducerHandle<App>;

/// The store.
#[hook]
pub(crate) fn use_store() -> Store {
    use_context::<Store>().expect("main wraps every component in the store's provider")
}
