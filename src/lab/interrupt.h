// SPDX-License-Identifier: GPL-2.0
/// Ctrl-C as a stop token.
#pragma once

#include <stop_token>
#include <thread>

#include "base/fd.h"
#include "base/result.h"

namespace daxbreak {

/// While it lives, the first SIGINT, SIGTERM or SIGHUP requests a stop instead of ending the
/// process; a second one ends it at once. One at a time per process, made by main().
class Interrupt {
 public:
  [[nodiscard]] static Result<Interrupt> watch();
  Interrupt(Interrupt&&) noexcept = default;
  Interrupt& operator=(Interrupt&&) = delete;
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt();

  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

 private:
  Interrupt(Fd read_end, Fd write_end);

  Fd write_end_;
  std::stop_source source_;
  std::jthread watcher_;
};

}  // namespace daxbreak
