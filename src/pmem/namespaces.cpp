// SPDX-License-Identifier: GPL-2.0
// Listing regions and namespaces.
#include "pmem/namespaces.h"

#include <daxctl/libdaxctl.h>

#include <climits>
#include <cstdarg>

#include "pmem/frames.h"
#include "pmem/holder.h"
#include "pmem/nd.h"

namespace daxbreak {
namespace {

std::string text(const char* maybe) {
  return maybe == nullptr ? "" : maybe;
}

std::string device_path(const char* name) {
  return name == nullptr || *name == '\0' ? "" : std::string("/dev/") + name;
}

const char* mode_name(ndctl_namespace_mode mode) {
  switch (mode) {
    case NDCTL_NS_MODE_FSDAX:  // what the kernel calls "memory"
      return "fsdax";
    case NDCTL_NS_MODE_DEVDAX:
      return "devdax";
    case NDCTL_NS_MODE_SECTOR:
      return "sector";
    default:
      return "raw";
  }
}

const char* persistence_name(ndctl_persistence_domain domain) {
  switch (domain) {
    case PERSISTENCE_CPU_CACHE:
      return "cpu-cache";
    case PERSISTENCE_MEM_CTRL:
      return "memory-controller";
    default:
      return "none";
  }
}

// libndctl answers ULLONG_MAX where it may not read an address (0400 for root).
PfnRange frames_or_none(unsigned long long resource, unsigned long long size) {
  if (resource == ULLONG_MAX || size == 0 || size == ULLONG_MAX) return {};
  return frames_of(resource, size);
}

void describe_pfn(ndctl_pfn* pfn, Namespace& described) {
  described.block = device_path(ndctl_pfn_get_block_device(pfn));
  described.size = ndctl_pfn_get_size(pfn);
  described.alignment = ndctl_pfn_get_align(pfn);
  described.frames = frames_or_none(ndctl_pfn_get_resource(pfn), described.size);
}

void describe_dax(ndctl_dax* dax, Namespace& described) {
  if (daxctl_region* region = ndctl_dax_get_daxctl_region(dax); region != nullptr)
    if (daxctl_dev* device = daxctl_dev_get_first(region); device != nullptr)
      described.character = device_path(daxctl_dev_get_devname(device));
  described.size = ndctl_dax_get_size(dax);
  described.alignment = ndctl_dax_get_align(dax);
  described.frames = frames_or_none(ndctl_dax_get_resource(dax), described.size);
}

void describe_plain(ndctl_namespace* space, Namespace& described) {
  if (ndctl_btt* btt = ndctl_namespace_get_btt(space); btt != nullptr) {
    described.block = device_path(ndctl_btt_get_block_device(btt));
    described.size = ndctl_btt_get_size(btt);
    return;
  }
  described.block = device_path(ndctl_namespace_get_block_device(space));
  described.size = ndctl_namespace_get_size(space);
  // fsdax without a pfn device: a legacy e820 region, whose pages start with the namespace
  // (drivers/nvdimm/namespace_devs.c, pmem_should_map_pages()).
  if (described.mode == "fsdax")
    described.frames = frames_or_none(ndctl_namespace_get_resource(space), described.size);
}

}  // namespace

Result<NdContext> open_nd() {
  ndctl_ctx* raw = nullptr;
  if (const int code = ndctl_new(&raw); code != 0) return Error{"open libndctl", -code};
  ndctl_set_log_fn(raw,
                   [](ndctl_ctx*, int, const char*, int, const char*, const char*, va_list) {});
  return NdContext(raw);
}

Namespace describe_namespace(ndctl_namespace* space) {
  Namespace described;
  described.name = text(ndctl_namespace_get_devname(space));
  described.region = text(ndctl_region_get_devname(ndctl_namespace_get_region(space)));
  described.mode = mode_name(ndctl_namespace_get_mode(space));
  ndctl_pfn* pfn = ndctl_namespace_get_pfn(space);
  ndctl_dax* dax = ndctl_namespace_get_dax(space);
  if (pfn != nullptr)
    describe_pfn(pfn, described);
  else if (dax != nullptr)
    describe_dax(dax, described);
  else
    describe_plain(space, described);
  // A device whose state cannot be read counts as held: that is the harmless mistake.
  if (!described.block.empty()) {
    auto holder = block_holder(described.block);
    described.holder = holder ? *holder : "unknown (" + holder.error().message() + ")";
    if (auto content = block_content(described.block)) described.content = *content;
  } else if (!described.character.empty()) {
    auto holder = character_holder(described.character);
    described.holder = holder ? *holder : "unknown (" + holder.error().message() + ")";
  }
  return described;
}

Result<std::vector<Region>> list_regions() {
  auto context = open_nd();
  if (!context) return context.error();
  std::vector<Region> regions;
  for_each_region(context->get(), [&](ndctl_region* region) {
    regions.push_back({.name = text(ndctl_region_get_devname(region)),
                       .size = ndctl_region_get_size(region),
                       .available = ndctl_region_get_available_size(region),
                       .persistence = persistence_name(ndctl_region_get_persistence_domain(region)),
                       .numa_node = ndctl_region_get_numa_node(region)});
    return false;
  });
  return regions;
}

Result<std::vector<Namespace>> list_namespaces() {
  auto context = open_nd();
  if (!context) return context.error();
  std::vector<Namespace> namespaces;
  for_each_region(context->get(), [&](ndctl_region* region) {
    for (ndctl_namespace* space = ndctl_namespace_get_first(region); space != nullptr;
         space = ndctl_namespace_get_next(space))
      // Seeds have no size; a disabled namespace that has one is still somebody's data.
      if (ndctl_namespace_get_size(space) != 0) namespaces.push_back(describe_namespace(space));
    return false;
  });
  return namespaces;
}

}  // namespace daxbreak
