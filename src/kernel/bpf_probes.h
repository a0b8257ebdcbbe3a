// SPDX-License-Identifier: GPL-2.0
/// Where BPF programs are attached, and what of it this kernel does not have.
#pragma once

#include <bpf/libbpf.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kernel/scheme.h"

namespace daxbreak {

/// Attached as long as this lives. Destroy it before the programs.
class BpfProbes {
 public:
  enum class At { entry, exit };

  /// Probes a kernel function, "a|b": whichever of them can be; an Error names it.
  Result<void> need(bpf_program* program, At at, std::string_view function);
  /// The same of a function that may be missing(). False if it is.
  bool want(bpf_program* program, At at, std::string_view function);
  Result<void> need_tracepoint(bpf_program* program, const std::string& name);
  bool want_tracepoint(bpf_program* program, const std::string& name);

  /// One program for each put hook of the scheme, in their order; they may be missing().
  void want_puts(const Scheme& scheme, std::span<bpf_program* const> programs);

  [[nodiscard]] bool empty() const { return links_.empty(); }
  [[nodiscard]] const std::vector<std::string>& missing() const { return missing_; }

 private:
  struct FreeLink {
    void operator()(bpf_link* link) const { bpf_link__destroy(link); }
  };
  using Link = std::unique_ptr<bpf_link, FreeLink>;

  static Link attach(bpf_program* program, At at, std::string_view function);
  bool keep(Link link, std::string_view name);

  std::vector<Link> links_;
  std::vector<std::string> missing_;
};

/// Before loading: takes the programs that have a put hook of the scheme, writes which argument of
/// it is the page, and leaves out the others. An Error if there are more hooks than programs.
Result<void> choose_puts(const Scheme& scheme, std::span<bpf_program* const> programs,
                         std::span<int> page_args);

}  // namespace daxbreak
