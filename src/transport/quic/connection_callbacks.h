#pragma once
// Private to this folder.

#include "transport/quic/connection.h"

namespace turbo {

ngtcp2_callbacks connection_callbacks(bool server);

}  // namespace turbo
