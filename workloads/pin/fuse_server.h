// SPDX-License-Identifier: GPL-2.0
/// A FUSE filesystem of one file that answers when it is told to.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace daxbreak {

/// Speaks the protocol itself (linux/fuse.h). Nobody else sees the filesystem: its mount is never
/// attached to a folder. Requests are answered by a thread between resume() and pause(); while that
/// does not run they stay in the kernel, unread. Reads of the file are answered with EIO, writes
/// taken and kept.
class FuseServer {
 public:
  /// A mounted filesystem, paused. ENOSYS without FUSE in the kernel.
  [[nodiscard]] static Result<std::unique_ptr<FuseServer>> mount();
  FuseServer(const FuseServer&) = delete;
  FuseServer& operator=(const FuseServer&) = delete;
  /// Requests that wait get ECONNABORTED or ENOTCONN.
  ~FuseServer() { abort(); }

  /// Opens the file; its I/O is direct without O_DIRECT (FOPEN_DIRECT_IO).
  [[nodiscard]] Result<Fd> open_file();

  void resume();
  void pause();
  /// Ends the connection, for good.
  void abort();

  /// Whether a request waits that nobody has read.
  [[nodiscard]] bool request_waits() const;

  /// What was written last. Only when paused.
  [[nodiscard]] const std::vector<std::byte>& written() const { return written_; }

 private:
  FuseServer() = default;
  void serve();
  void handle(std::span<const std::byte> request);
  void reply(std::uint64_t unique, int error, std::span<const std::byte> payload = {}) const;

  Fd device_;
  Fd stop_;  ///< an eventfd: the thread shall end
  Fd mount_;
  std::vector<std::byte> written_;
  std::jthread thread_;
};

}  // namespace daxbreak
