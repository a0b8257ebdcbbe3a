// SPDX-License-Identifier: GPL-2.0
// Which scheme a kernel has: what it says itself, or what its symbols and types give away.
#include <fmt/format.h>

#include <algorithm>

#include "base/nearest.h"
#include "kernel/scheme.h"
#include "kernel/signature.h"

namespace daxbreak {
namespace {

bool holds(const KernelFacts& facts, const std::string& word) {
  const auto names = alternatives(word);
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return is_member(name) ? facts.members.contains(name) : facts.symbols.contains(name);
  });
}

// A word that BTF has a part in.
bool about_members(const std::string& word) {
  const auto names = alternatives(word);
  return std::any_of(names.begin(), names.end(), is_member);
}

Result<Scheme> scheme_named(const std::vector<Scheme>& schemes, const KernelFacts& facts) {
  std::vector<std::string> names;
  for (const Scheme& scheme : schemes) {
    if (scheme.name == facts.parameter) return scheme;
    names.push_back(scheme.name);
  }
  const std::string near = nearest_word(facts.parameter, names);
  return Error{fmt::format(
      "kernel {} says that its dax_scheme is '{}', and no file in configs/schemes is called so{}",
      facts.release, facts.parameter,
      near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near))};
}

}  // namespace

std::string objection(const Scheme& scheme, const KernelFacts& facts, bool symbols_only) {
  for (const std::string& word : scheme.present)
    if (!(symbols_only && about_members(word)) && !holds(facts, word)) return word + " is missing";
  for (const std::string& word : scheme.absent)
    if (!(symbols_only && about_members(word)) && holds(facts, word)) return word + " exists";
  return {};
}

Result<Scheme> detect_scheme(const std::vector<Scheme>& schemes, const KernelFacts& facts) {
  if (!facts.parameter.empty()) return scheme_named(schemes, facts);
  std::vector<const Scheme*> matches;
  std::string told;
  for (const Scheme& scheme : schemes) {
    const std::string why = objection(scheme, facts, false);
    if (why.empty()) matches.push_back(&scheme);
    told += fmt::format("{}{}: {}", told.empty() ? "" : "; ", scheme.name,
                        why.empty() ? "matches" : why);
  }
  if (matches.size() == 1) return *matches.front();
  return Error{fmt::format("kernel {} matches {} refcount scheme ({})", facts.release,
                           matches.empty() ? "no" : "more than one", told)};
}

std::string_view detected_by(const KernelFacts& facts) {
  return facts.parameter.empty() ? "by its symbols and types" : "by the kernel's own parameter";
}

bool odirect_pins(const Scheme& scheme, const KernelFacts& facts) {
  return std::any_of(scheme.odirect_pins_if.begin(), scheme.odirect_pins_if.end(),
                     [&](const std::string& word) { return holds(facts, word); });
}

}  // namespace daxbreak
