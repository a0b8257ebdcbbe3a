// SPDX-License-Identifier: GPL-2.0
// Reconfiguring a namespace: the steps of ndctl 76's ndctl/namespace.c, namespace_prep_reconfig()
// and setup_namespace(), through the library.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include "base/file.h"
#include "base/units.h"
#include "pmem/holder.h"
#include "pmem/namespaces.h"
#include "pmem/nd.h"
#include "pmem/refusal.h"

namespace daxbreak {
namespace {

// Info blocks lie at 4 KiB into the namespace (drivers/nvdimm/pfn_devs.c, nd_pfn_validate()), BTT's
// at 0 or 4 KiB.
constexpr std::size_t info_bytes = 8192;
constexpr std::size_t direct_alignment = 4096;

struct Uuid {
  uuid_t bytes{};
};

// A random UUID, version 4, variant 1 (RFC 4122, 4.4).
Result<Uuid> make_uuid() {
  Uuid uuid;
  if (::getrandom(uuid.bytes, sizeof(uuid.bytes), 0) != sizeof(uuid.bytes))
    return errno_error("make a UUID");
  uuid.bytes[6] = static_cast<unsigned char>((uuid.bytes[6] & 0x0f) | 0x40);
  uuid.bytes[8] = static_cast<unsigned char>((uuid.bytes[8] & 0x3f) | 0x80);
  return uuid;
}

struct FreeDelete {
  void operator()(void* memory) const { std::free(memory); }
};

// Without this the enabled namespace would be claimed again by what the old info block says.
Result<void> zero_info_block(const std::string& device) {
  auto fd = open_file(device, O_WRONLY | O_DIRECT | O_EXCL);
  if (!fd) return fd.error();
  const std::unique_ptr<void, FreeDelete> zeroes(std::aligned_alloc(direct_alignment, info_bytes));
  if (!zeroes) return Error{"zero the info block of " + device, ENOMEM};
  std::fill_n(static_cast<char*>(zeroes.get()), info_bytes, '\0');
  const ssize_t put = ::pwrite(fd->get(), zeroes.get(), info_bytes, 0);
  if (put != static_cast<ssize_t>(info_bytes))
    return errno_error("zero the info block of " + device);
  return ok();
}

// libndctl returns negative errno values; the first failed step ends the work.
Result<void> check(int code, const std::string& doing) {
  return code >= 0 ? ok() : Result<void>(Error{doing, -code});
}

// Tells the kernel to refuse any other claim. Namespaces without labels (legacy, and the emulated
// ones of the lab) have no such attribute (libndctl: ENXIO), and nothing is lost without it.
Result<void> enforce(ndctl_namespace* space, ndctl_namespace_mode mode, const std::string& doing) {
  const int code = ndctl_namespace_set_enforce_mode(space, mode);
  return code == -ENXIO ? ok() : check(code, doing + "enforce the mode");
}

// Leaves the namespace disabled, unclaimed and without an info block.
Result<void> strip(ndctl_namespace* space, const std::string& name) {
  if (auto done = check(ndctl_namespace_disable_safe(space), "disable " + name); !done) return done;
  (void)ndctl_namespace_set_raw_mode(space, 1);
  Result<void> zeroed;
  // ndctl goes on where the raw namespace cannot be enabled (an info block of another world may
  // have broken it); a stale block it could not zero is caught when the new one is enabled.
  if (ndctl_namespace_enable(space) >= 0) {
    const char* block = ndctl_namespace_get_block_device(space);
    zeroed = block == nullptr || *block == '\0'
                 ? Result<void>(Error{name + " in raw mode has no block device"})
                 : zero_info_block(std::string("/dev/") + block);
  }
  (void)ndctl_namespace_set_raw_mode(space, 0);
  (void)ndctl_namespace_disable_invalidate(space);
  return zeroed;
}

// The page map goes onto the device itself ("dev"), as ndctl does by default: it costs 1.6 % of the
// namespace, but no RAM, so a namespace of any size can be had on any machine; and it is what
// servers run, so the testbed's struct pages lie where theirs do.
Result<void> claim_fsdax(ndctl_namespace* space, const NamespaceRequest& request, Uuid uuid) {
  ndctl_region* region = ndctl_namespace_get_region(space);
  ndctl_pfn* pfn = ndctl_region_get_pfn_seed(region);
  if (pfn == nullptr) return Error{"make " + request.name + " fsdax: the region has no pfn seed"};
  const std::string doing = "make " + request.name + " fsdax: ";
  if (auto done = enforce(space, NDCTL_NS_MODE_FSDAX, doing); !done) return done;
  if (auto done = check(ndctl_pfn_set_uuid(pfn, uuid.bytes), doing + "set the UUID"); !done)
    return done;
  if (auto done =
          check(ndctl_pfn_set_location(pfn, NDCTL_PFN_LOC_PMEM), doing + "place the page map");
      !done)
    return done;
  if (auto done = check(ndctl_pfn_set_align(pfn, request.alignment),
                        doing + "align to " + format_size(request.alignment));
      !done)
    return done;
  if (auto done = check(ndctl_pfn_set_namespace(pfn, space), doing + "claim it"); !done)
    return done;
  auto enabled = check(ndctl_pfn_enable(pfn), doing + "enable it (the kernel log says why not)");
  // A seed that keeps its namespace would block every later attempt.
  if (!enabled) (void)ndctl_pfn_set_namespace(pfn, nullptr);
  return enabled;
}

Result<void> claim_devdax(ndctl_namespace* space, const NamespaceRequest& request, Uuid uuid) {
  ndctl_region* region = ndctl_namespace_get_region(space);
  ndctl_dax* dax = ndctl_region_get_dax_seed(region);
  if (dax == nullptr)
    return Error{"make " + request.name +
                 " devdax: the region has no dax seed (is the module dax_pmem there?)"};
  const std::string doing = "make " + request.name + " devdax: ";
  if (auto done = enforce(space, NDCTL_NS_MODE_DEVDAX, doing); !done) return done;
  if (auto done = check(ndctl_dax_set_uuid(dax, uuid.bytes), doing + "set the UUID"); !done)
    return done;
  if (auto done =
          check(ndctl_dax_set_location(dax, NDCTL_PFN_LOC_PMEM), doing + "place the page map");
      !done)
    return done;
  if (auto done = check(ndctl_dax_set_align(dax, request.alignment),
                        doing + "align to " + format_size(request.alignment));
      !done)
    return done;
  if (auto done = check(ndctl_dax_set_namespace(dax, space), doing + "claim it"); !done)
    return done;
  auto enabled = check(ndctl_dax_enable(dax), doing + "enable it (the kernel log says why not)");
  if (!enabled) (void)ndctl_dax_set_namespace(dax, nullptr);
  return enabled;
}

ndctl_namespace* find_namespace(ndctl_ctx* context, const std::string& name) {
  ndctl_namespace* found = nullptr;
  for_each_region(context, [&](ndctl_region* region) {
    for (ndctl_namespace* space = ndctl_namespace_get_first(region); space != nullptr;
         space = ndctl_namespace_get_next(space))
      if (name == ndctl_namespace_get_devname(space) && ndctl_namespace_get_size(space) != 0)
        found = space;
    return found != nullptr;
  });
  return found;
}

/// A listing shows a content that cannot be read as none. Before destroying it that would be a
/// guess: bad blocks, say, must not make a filesystem look like an empty device.
Result<void> content_seen(const Namespace& space, bool force) {
  if (force || space.block.empty()) return ok();
  auto content = block_content(space.block);
  if (content) return ok();
  return Error{fmt::format("what {} carries cannot be seen: force it if it may be destroyed ({})",
                           space.name, content.error().message())};
}

}  // namespace

Result<Namespace> configure_namespace(const NamespaceRequest& request) {
  auto context = open_nd();
  if (!context) return context.error();
  ndctl_namespace* space = find_namespace(context->get(), request.name);
  if (space == nullptr)
    return Error{"there is no namespace \"" + request.name + "\": see `ndctl list -N -i`"};
  if (auto refusal = reconfigure_refusal(describe_namespace(space), request); !refusal.empty())
    return Error{refusal};
  if (auto seen = content_seen(describe_namespace(space), request.force); !seen)
    return seen.error();
  if (ndctl_region_get_ro(ndctl_namespace_get_region(space)) == 1)
    return Error{"the region of " + request.name + " is read-only", EROFS};

  auto uuid = make_uuid();
  if (!uuid) return uuid.error();
  if (auto stripped = strip(space, request.name); !stripped) {
    (void)ndctl_namespace_enable(space);  // as below; no harm to one that was never disabled
    return stripped.error();
  }
  auto claimed = request.mode == "devdax" ? claim_devdax(space, request, *uuid)
                                          : claim_fsdax(space, request, *uuid);
  if (!claimed) {
    (void)ndctl_namespace_enable(space);  // raw again rather than left without a device
    return claimed.error();
  }

  // Described from a fresh reading of sysfs: what the kernel made of it, not what was asked.
  auto fresh = open_nd();
  if (!fresh) return fresh.error();
  space = find_namespace(fresh->get(), request.name);
  if (space == nullptr) return Error{request.name + " disappeared while it was configured"};
  Namespace made = describe_namespace(space);
  if (made.mode != request.mode)
    return Error{
        fmt::format("{} is {} after it was made {}", request.name, made.mode, request.mode)};
  return made;
}

}  // namespace daxbreak
