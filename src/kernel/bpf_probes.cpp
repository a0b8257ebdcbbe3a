// SPDX-License-Identifier: GPL-2.0
#include "kernel/bpf_probes.h"

#include <fmt/format.h>

#include <cerrno>
#include <utility>

#include "kernel/bpf_messages.h"
#include "kernel/signature.h"

namespace daxbreak {

BpfProbes::Link BpfProbes::attach(bpf_program* program, At at, std::string_view function) {
  for (const std::string& symbol : alternatives(function))
    if (Link link(bpf_program__attach_kprobe(program, at == At::exit, symbol.c_str())); link)
      return link;
  return nullptr;
}

bool BpfProbes::keep(Link link, std::string_view name) {
  if (link) {
    links_.push_back(std::move(link));
    return true;
  }
  missing_.emplace_back(name);
  return false;
}

Result<void> BpfProbes::need(bpf_program* program, At at, std::string_view function) {
  const BpfMessages messages;
  links_.push_back(attach(program, at, function));
  if (links_.back()) return ok();
  const int number = errno;
  links_.pop_back();
  return messages.error(fmt::format("probe the kernel's {}", function), number);
}

bool BpfProbes::want(bpf_program* program, At at, std::string_view function) {
  const BpfMessages messages;
  return keep(attach(program, at, function), function);
}

Result<void> BpfProbes::need_tracepoint(bpf_program* program, const std::string& name) {
  const BpfMessages messages;
  Link link(bpf_program__attach_raw_tracepoint(program, name.c_str()));
  if (!link) return messages.error(fmt::format("probe the kernel's {}", name), errno);
  links_.push_back(std::move(link));
  return ok();
}

bool BpfProbes::want_tracepoint(bpf_program* program, const std::string& name) {
  const BpfMessages messages;
  return keep(Link(bpf_program__attach_raw_tracepoint(program, name.c_str())), name);
}

void BpfProbes::want_puts(const Scheme& scheme, std::span<bpf_program* const> programs) {
  const BpfMessages messages;
  for (std::size_t slot = 0; slot < scheme.puts.size(); ++slot) {
    const PutHook& hook = scheme.puts[slot];
    keep(attach(programs[slot], At::entry, hook.symbol), hook.symbol);
  }
}

Result<void> choose_puts(const Scheme& scheme, std::span<bpf_program* const> programs,
                         std::span<int> page_args) {
  if (scheme.puts.size() > programs.size())
    return Error{fmt::format("scheme {} names {} put hooks; the observer has room for {}",
                             scheme.name, scheme.puts.size(), programs.size())};
  for (std::size_t slot = 0; slot < programs.size(); ++slot) {
    const bool used = slot < scheme.puts.size();
    bpf_program__set_autoload(programs[slot], used);
    if (used) page_args[slot] = scheme.puts[slot].page_arg;
  }
  return ok();
}

}  // namespace daxbreak
