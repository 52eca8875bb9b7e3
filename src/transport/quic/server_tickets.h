#pragma once
// What lets a client come back without a full handshake: tickets that only this process can read, and the
// memory of early requests that keeps one from being heard twice. Private to this folder.
//
// Keys live in memory only, so a restart makes every client do a full handshake once. A recorded first flight
// is refused: GnuTLS takes early data of one ClientHello once, within seconds of its making, and not of
// tickets older than this process; what the bounded memory cannot hold is refused, too. What remains is
// harmless: requests ask for inference and change nothing, and the answer can be read only by who holds the
// keys of the session.

#include <gnutls/gnutls.h>

#include <cstddef>
#include <ctime>
#include <map>
#include <memory>
#include <string>

namespace turbo {

class ServerTickets {
 public:
  // Throws std::runtime_error.
  ServerTickets();
  ~ServerTickets();
  ServerTickets(const ServerTickets&) = delete;
  ServerTickets& operator=(const ServerTickets&) = delete;

  void enable(gnutls_session_t session) const;

  // For tests: false when this was there already or there is no room.
  bool remember(std::string first_flight, std::time_t expires, std::time_t now);

  static constexpr std::size_t kMostRemembered = 16'384;

 private:
  struct FreeAntiReplay {
    void operator()(gnutls_anti_replay_t a) const { gnutls_anti_replay_deinit(a); }
  };
  gnutls_datum_t key_{};
  std::unique_ptr<gnutls_anti_replay_st, FreeAntiReplay> anti_replay_;
  std::map<std::string, std::time_t> seen_;  // until when
  std::time_t swept_ = 0;
};

}  // namespace turbo
