// SPDX-License-Identifier: GPL-2.0
// What the running kernel says of itself: its parameter, symbols from kallsyms, struct members from
// BTF.
#include <bpf/btf.h>
#include <sys/utsname.h>

#include <cerrno>
#include <memory>

#include "base/file.h"
#include "kernel/kallsyms.h"
#include "kernel/scheme.h"
#include "kernel/signature.h"

namespace daxbreak {
namespace {

// A core parameter of kernels with configs/kernels/patches (kernel/params.c puts those without a
// prefix under the name "kernel").
constexpr const char* parameter_file = "/sys/module/kernel/parameters/dax_scheme";

struct FreeBtf {
  void operator()(btf* types) const { btf__free(types); }
};

// Whether the struct or union has the member, also inside its anonymous structs and unions.
bool has_member(const btf* types, std::uint32_t id, std::string_view member) {
  const btf_type* type = btf__type_by_id(types, id);
  if (type == nullptr || !btf_is_composite(type)) return false;
  const btf_member* members = btf_members(type);
  for (int i = 0; i < btf_vlen(type); ++i) {
    const char* name = btf__name_by_offset(types, members[i].name_off);
    if (name == nullptr) continue;
    if (name == member) return true;
    if (*name == '\0' && has_member(types, members[i].type, member)) return true;
  }
  return false;
}

// The names in a scheme's signature: symbols, or members.
void add_names(const Scheme& scheme, bool members, std::set<std::string, std::less<>>& names) {
  for (const auto* list : {&scheme.present, &scheme.absent, &scheme.odirect_pins_if})
    for (const std::string& word : *list)
      for (std::string& name : alternatives(word))
        if (is_member(name) == members) names.insert(std::move(name));
}

Result<std::set<std::string>> read_members(const std::set<std::string, std::less<>>& wanted) {
  std::set<std::string> found;
  if (wanted.empty()) return found;
  const std::unique_ptr<btf, FreeBtf> types(btf__load_vmlinux_btf());
  if (!types) return errno_error("read the kernel's types (/sys/kernel/btf/vmlinux)");
  for (const std::string& name : wanted) {
    const auto dot = name.find('.');
    const int id =
        btf__find_by_name_kind(types.get(), name.substr(0, dot).c_str(), BTF_KIND_STRUCT);
    if (id > 0 && has_member(types.get(), static_cast<std::uint32_t>(id), name.substr(dot + 1)))
      found.insert(name);
  }
  return found;
}

}  // namespace

Result<KernelFacts> read_kernel_facts(const std::vector<Scheme>& schemes) {
  KernelFacts facts;
  utsname name{};
  if (uname(&name) != 0) return errno_error("uname");
  facts.release = name.release;
  auto parameter = read_line(parameter_file);
  if (parameter)
    facts.parameter = std::move(*parameter);
  else if (parameter.error().number != ENOENT)
    return parameter.error();

  std::set<std::string, std::less<>> symbols, members;
  for (const Scheme& scheme : schemes)
    add_names(scheme, false, symbols);
  const auto addresses = read_symbols(symbols);
  if (!addresses) return addresses.error();
  for (const auto& entry : *addresses)
    facts.symbols.insert(entry.first);

  if (!facts.parameter.empty()) return facts;
  for (const Scheme& scheme : schemes)
    if (objection(scheme, facts, true).empty()) add_names(scheme, true, members);
  auto found = read_members(members);
  if (!found) return found.error();
  facts.members = std::move(*found);
  return facts;
}

}  // namespace daxbreak
