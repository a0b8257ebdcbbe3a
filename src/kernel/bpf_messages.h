// SPDX-License-Identifier: GPL-2.0
/// libbpf's complaints, kept off stderr and put into errors.
#pragma once

#include <bpf/libbpf.h>

#include <string>

#include "base/result.h"

namespace daxbreak {

/// While it lives, libbpf's warnings of this thread are collected instead of printed.
class BpfMessages {
 public:
  BpfMessages();
  ~BpfMessages();
  BpfMessages(const BpfMessages&) = delete;
  BpfMessages& operator=(const BpfMessages&) = delete;

  /// An Error of libbpf's negative errno `code`, with what libbpf had to say about it.
  [[nodiscard]] Error error(const std::string& doing, int code) const;

 private:
  libbpf_print_fn_t previous_;
  std::string text_;
};

}  // namespace daxbreak
