#include "transport/quic/server_tickets.h"

#include <exception>

#include "transport/quic/tls_credentials.h"

namespace turbo {
namespace {

// As QUIC has it: early data is bounded by flow control instead (RFC 9001, 4.6.1).
constexpr std::size_t kEarlyDataOfQuic = 0xffffffff;

int add(void* tickets, std::time_t expires, const gnutls_datum_t* key, const gnutls_datum_t*) noexcept {
  try {
    return static_cast<ServerTickets*>(tickets)->remember(
               {reinterpret_cast<const char*>(key->data), key->size}, expires, std::time(nullptr))
               ? 0
               : GNUTLS_E_DB_ENTRY_EXISTS;
  } catch (const std::exception&) {
    return GNUTLS_E_DB_ENTRY_EXISTS;  // without memory for it, it counts as heard before
  }
}

}  // namespace

ServerTickets::ServerTickets() {
  require_tls(gnutls_session_ticket_key_generate(&key_), "making the key of session tickets");
  gnutls_anti_replay_t raw = nullptr;
  require_tls(gnutls_anti_replay_init(&raw), "guarding against replays");
  anti_replay_.reset(raw);
  gnutls_anti_replay_set_ptr(raw, this);
  gnutls_anti_replay_set_add_function(raw, add);
}

ServerTickets::~ServerTickets() {
  gnutls_memset(key_.data, 0, key_.size);
  gnutls_free(key_.data);
}

void ServerTickets::enable(gnutls_session_t session) const {
  require_tls(gnutls_session_ticket_enable_server(session, &key_), "enabling session tickets");
  gnutls_anti_replay_enable(session, anti_replay_.get());
  require_tls(gnutls_record_set_max_early_data_size(session, kEarlyDataOfQuic), "enabling early data");
}

bool ServerTickets::remember(std::string first_flight, std::time_t expires, std::time_t now) {
  if (now != swept_) {
    swept_ = now;
    std::erase_if(seen_, [&](const auto& entry) { return entry.second < now; });
  }
  if (seen_.size() >= kMostRemembered) return false;
  return seen_.emplace(std::move(first_flight), expires).second;
}

}  // namespace turbo
