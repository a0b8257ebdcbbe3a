// SPDX-License-Identifier: GPL-2.0
/// Regions and namespaces through libndctl and libdaxctl.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "kernel/page.h"

namespace daxbreak {

/// A persistent memory region.
struct Region {
  std::string name;             ///< "region0"
  std::uint64_t size = 0;       ///< bytes
  std::uint64_t available = 0;  ///< bytes not in any namespace
  std::string persistence;      ///< "cpu-cache", "memory-controller" or "none"
  int numa_node = -1;
};

/// A namespace, seed namespaces left out. Addresses and signatures need root; without it frames and
/// content stay empty.
struct Namespace {
  std::string name;             ///< "namespace0.0"
  std::string region;           ///< "region0"
  std::string mode;             ///< "fsdax", "devdax", "raw", "sector"
  std::string block;            ///< "/dev/pmem0", or "" if it has none
  std::string character;        ///< "/dev/dax0.0", or "" if it has none
  std::uint64_t size = 0;       ///< bytes of usable data
  std::uint64_t alignment = 0;  ///< of its pages, bytes
  PfnRange frames;              ///< its data area; empty for modes without struct pages
  std::string holder;           ///< why it is in use ("mounted on /mnt"), or ""
  std::string content;          ///< signature found on it ("xfs"), or ""
};

[[nodiscard]] Result<std::vector<Region>> list_regions();
[[nodiscard]] Result<std::vector<Namespace>> list_namespaces();

/// What to turn a namespace into.
struct NamespaceRequest {
  std::string name;                     ///< an existing namespace ("namespace0.0")
  std::string mode = "fsdax";           ///< or "devdax"
  std::uint64_t alignment = 2UL << 20;  ///< bytes: 4k, 2m or 1g
  bool force = false;  ///< required if it carries data or its content cannot be seen
};

/// Reconfigures a namespace in place, as `ndctl create-namespace -f -e NAME -m MODE -a ALIGN` does;
/// one that has the mode and alignment already is made anew. Destroys its content. Refused for the
/// reasons of reconfigure_refusal() (pmem/refusal.h). Needs root.
[[nodiscard]] Result<Namespace> configure_namespace(const NamespaceRequest& request);

}  // namespace daxbreak
