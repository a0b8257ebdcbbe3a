// SPDX-License-Identifier: GPL-2.0
/// How a kernel counts references to ZONE_DEVICE pages; read from configs/schemes/*.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace daxbreak {

/// One way the kernel tells that a page became idle: a function to probe at its entry.
struct PutHook {
  std::string symbol;  ///< "free_zone_device_folio"; "a|b": whichever of them can be probed
  int page_arg = 1;    ///< which argument (1-based) is the struct page or folio
  /// Which argument is the number of references about to be dropped; 0: it is always one;
  /// kDropped: none, the hook is entered when the count has fallen already.
  int refs_arg = 0;
  static constexpr int kDropped = -1;
};

/// A refcount scheme, all of it data. Counts are of page->_refcount on fsdax pages.
struct Scheme {
  std::string name;              ///< "devmap-one", "fsdax-one", "zero", "zero-rfc", "map-counted"
  std::string title;             ///< "Hellwig 2022: one reference is idle"
  std::string author;            ///< who posted it, and when it was in mainline
  std::int32_t idle = 0;         ///< the count of a page in a file, neither mapped nor pinned
  std::int32_t per_entry = 0;    ///< what the page's entry in its file adds, from the first fault
                                 ///< until a layout break zaps it (map-counted only)
  std::int32_t per_mapping = 0;  ///< what each process's mapping adds
  std::int32_t foll_get = 1;     ///< what one FOLL_GET adds
  std::int32_t foll_pin = 1;     ///< what one FOLL_PIN adds to a single page
  std::int32_t foll_pin_compound = 1;  ///< ... to a page of a compound folio
  // The same of device-dax pages (MEMORY_DEVICE_GENERIC).
  std::int32_t device_idle = 1;
  std::int32_t device_per_mapping = 0;
  // Of pages that a device takes: MEMORY_DEVICE_PRIVATE, and MEMORY_DEVICE_COHERENT, which is
  // counted by the same lines (6.1, mm/memremap.c: free_zone_device_page(), memremap_pages()).
  std::int32_t private_idle = 0;       ///< nobody uses it: the driver may hand it out
  std::int32_t private_freed = 0;      ///< ops->page_free() is called: the driver gets it back
  std::int32_t private_allocated = 1;  ///< it stands in for a page in one process
  bool wake_on_page = false;           ///< waiters' key is the page itself, not &page->_refcount
  std::vector<PutHook> puts;           ///< where a put that may make a page idle can be observed
  // Detection: all of `present`, none of `absent`, among the kernel's symbols and BTF members
  // (written "struct.member"). "a|b" is met by either.
  std::vector<std::string> present;
  std::vector<std::string> absent;
  // Which O_DIRECT flavour GUP uses is found likewise: FOLL_PIN if any of these symbols exists.
  std::vector<std::string> odirect_pins_if;
  std::string source;  ///< where the facts come from: version, file, function
};

/// Reads one scheme from text; `origin` is named in errors ("configs/schemes/zero:12: ..."). Pure.
[[nodiscard]] Result<Scheme> parse_scheme(std::string_view text, const std::string& origin);

/// Reads every scheme file of a directory, sorted by name; errors name file and line. A file is
/// called as the scheme in it; files whose names start with "." or end with "~" are left out.
[[nodiscard]] Result<std::vector<Scheme>> load_schemes(const std::filesystem::path& directory);

/// What the running kernel says of itself: the facts that detection rests on.
struct KernelFacts {
  std::string release;  ///< uname -r
  /// What a kernel that can be booted with several schemes says in its parameter dax_scheme; ""
  /// if it has none. Such a kernel has the symbols of all of them.
  std::string parameter;
  std::set<std::string> symbols;  ///< the names from /proc/kallsyms that any scheme mentions
  std::set<std::string> members;  ///< the "struct.member" of vmlinux BTF that any scheme mentions
};

/// Reads the running kernel's symbols and BTF, keeping only what `schemes` ask about. Members are
/// looked up only for schemes that the symbols leave possible, and not at all where the kernel's
/// parameter decides: parsing BTF is the slow part.
[[nodiscard]] Result<KernelFacts> read_kernel_facts(const std::vector<Scheme>& schemes);

/// The scheme that the kernel's parameter names; without one, that whose signature the facts match.
/// A name without a scheme file, no match, or two, is an Error that says which, or which signatures
/// failed on what. Pure: judged from `facts` alone, never from the version.
[[nodiscard]] Result<Scheme> detect_scheme(const std::vector<Scheme>& schemes,
                                           const KernelFacts& facts);

/// What detect_scheme() goes by: "by the kernel's own parameter" or "by its symbols and types".
[[nodiscard]] std::string_view detected_by(const KernelFacts& facts);

/// Whether O_DIRECT takes FOLL_PIN references (else FOLL_GET) in the kernel the facts are of.
[[nodiscard]] bool odirect_pins(const Scheme& scheme, const KernelFacts& facts);

}  // namespace daxbreak
