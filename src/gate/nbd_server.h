// SPDX-License-Identifier: GPL-2.0
/// A server of the kernel's network block protocol that answers when it is told to.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace daxbreak {

/// A thread that keeps a disk in memory and serves one connection.
class NbdServer {
 public:
  /// What becomes of requests.
  enum class Answers : int {
    at_once,
    withheld,   ///< nothing is read, written or answered until this ends; then in reverse order
    as_errors,  ///< EIO, nothing read or written; also to all that were withheld
  };

  /// A server for a disk of that many bytes.
  [[nodiscard]] static Result<std::unique_ptr<NbdServer>> start(std::size_t bytes);
  NbdServer(const NbdServer&) = delete;
  NbdServer& operator=(const NbdServer&) = delete;
  ~NbdServer();

  /// The kernel's end of the connection, once.
  [[nodiscard]] Fd take_client() { return std::move(client_); }

  /// From any process that was forked from the server's, too.
  Result<void> answer(Answers how);

 private:
  struct Request;
  struct Unmap {
    void operator()(std::atomic<int>* shared) const;
  };

  NbdServer() = default;
  void serve();
  bool take_request();
  bool reply(const Request& request, Answers how);
  bool let_go();
  [[nodiscard]] Answers answers() const { return static_cast<Answers>(answers_->load()); }

  std::vector<std::byte> disk_;
  Fd client_;
  Fd socket_;
  Fd wakeup_;                                         ///< an eventfd: answers_ has changed
  std::unique_ptr<std::atomic<int>, Unmap> answers_;  ///< shared with forked processes
  std::vector<Request> withheld_;
  std::jthread thread_;
};

}  // namespace daxbreak
