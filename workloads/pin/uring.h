// SPDX-License-Identifier: GPL-2.0
/// An io_uring on a gate's device: what the io_uring pins share.
#pragma once

#include <liburing.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace daxbreak {

/// A ring whose requests carry a number as user_data.
class Uring {
 public:
  static constexpr unsigned size = 4;  ///< entries; numbers are below it

  Uring() = default;
  Uring(const Uring&) = delete;
  Uring& operator=(const Uring&) = delete;
  ~Uring();

  /// `flags` are IORING_SETUP_*.
  Result<void> start(unsigned flags = 0);

  /// From now on `fd` is file 0 of the ring (IOSQE_FIXED_FILE).
  Result<void> register_file(int fd);

  /// The next free entry, for io_uring_prep_*().
  [[nodiscard]] io_uring_sqe* entry() { return io_uring_get_sqe(&ring_); }

  /// Submits the `count` entries that were filled.
  Result<void> submit(unsigned count);

  /// Whether nobody is on his way any more to take references for what was submitted: neither the
  /// thread of IORING_SETUP_SQPOLL, which gives its entries back only after it issued them
  /// (io_uring/io_uring.c, fs/io_uring.c in 5.10, io_submit_sqes()), nor a worker.
  [[nodiscard]] bool issued() const;

  /// The result of a request (a count or a negative errno) once it has completed.
  Result<std::int64_t> wait(std::uint64_t number);

 private:
  io_uring ring_{};
  bool ready_ = false;
  bool has_file_ = false;
  std::array<std::optional<std::int64_t>, size> results_{};
};

/// For recipes: a ring without the library. They offer, all for `device` and entries numbered from
/// 0: pin_start(setup flags), struct io_uring_sqe *pin_entry(opcode, address, length),
/// pin_submit(), int pin_wait(number).
inline constexpr std::string_view uring_recipe_includes = "#include <linux/io_uring.h>\n";
extern const std::string_view uring_recipe_functions;

}  // namespace daxbreak
