// Waits for the process's signals on one thread; all others have them blocked.
#pragma once
#include <functional>

namespace courant::app {

enum class Signal { stop, reload, reopen };

/// Blocks the signals we handle in this thread and all it starts from now on. Call before any thread starts.
void block_signals();
/// Waits for the next one: SIGTERM and SIGINT are stop, SIGHUP reload, SIGUSR1 reopen.
Signal next_signal();

}  // namespace courant::app
