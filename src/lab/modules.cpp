// SPDX-License-Identifier: GPL-2.0
#include "lab/modules.h"

#include <fmt/format.h>
#include <libkmod.h>

#include <memory>
#include <set>

namespace daxbreak {
namespace {

namespace fs = std::filesystem;

struct KmodFree {
  void operator()(kmod_ctx* context) const { kmod_unref(context); }
  void operator()(kmod_list* list) const { kmod_module_unref_list(list); }
  void operator()(kmod_module* module) const { kmod_module_unref(module); }
};
using Context = std::unique_ptr<kmod_ctx, KmodFree>;
using List = std::unique_ptr<kmod_list, KmodFree>;
using Module = std::unique_ptr<kmod_module, KmodFree>;

/// Where a module was found.
enum class Found { file, built_in, nowhere };

class Planner {
 public:
  explicit Planner(Context context) : context_(std::move(context)) {}

  Found add(const WantedModule& wanted) {
    kmod_list* raw = nullptr;
    const int failed =
        kmod_module_new_from_lookup(context_.get(), std::string(wanted.name).c_str(), &raw);
    const List list(raw);
    if (failed < 0 || !list) return Found::nowhere;
    const Module module(kmod_module_get_module(list.get()));
    if (kmod_module_get_path(module.get()) == nullptr) {
      return kmod_module_get_initstate(module.get()) == KMOD_MODULE_BUILTIN ? Found::built_in
                                                                            : Found::nowhere;
    }
    add_with_dependencies(module.get(), std::string(wanted.parameters));
    return Found::file;
  }

  [[nodiscard]] std::vector<ModuleFile> take() { return std::move(files_); }

 private:
  void add_with_dependencies(kmod_module* module, const std::string& parameters) {
    const std::string name = kmod_module_get_name(module);
    if (!seen_.insert(name).second) return;
    const List dependencies(kmod_module_get_dependencies(module));
    kmod_list* entry = nullptr;
    kmod_list_foreach(entry, dependencies.get()) {
      const Module dependency(kmod_module_get_module(entry));
      add_with_dependencies(dependency.get(), "");
    }
    const char* path = kmod_module_get_path(module);
    if (path != nullptr) files_.push_back({name, path, parameters});
  }

  Context context_;
  std::set<std::string> seen_;
  std::vector<ModuleFile> files_;
};

}  // namespace

const std::vector<WantedModule>& wanted_modules() {
  static const std::vector<WantedModule> wanted = {
      // Talk to the host first: what goes wrong later can then be told.
      {"virtio_pci", "CONFIG_VIRTIO_PCI", "virtio driver", true},
      {"virtio_console", "CONFIG_VIRTIO_CONSOLE", "virtio port driver", true},
      {"nfit", "CONFIG_ACPI_NFIT", "NVDIMM driver", true},
      {"nd_pmem", "CONFIG_BLK_DEV_PMEM", "pmem driver", true},
      {"nd_btt", "CONFIG_BTT", "BTT driver"},
      {"device_dax", "CONFIG_DEV_DAX", "device-dax driver"},
      {"dax_pmem", "CONFIG_DEV_DAX_PMEM", "device-dax on pmem"},
      // ext4 and XFS ask the crypto layer for crc32c by name when they mount: modules.softdep, not
      // modules.dep, knows. Newer kernels have it as a library (6.14 and later).
      {"crc32c_generic", "", "CRC32c"},
      {"crc32c_intel", "", "CRC32c by instruction"},
      {"ext4", "CONFIG_EXT4_FS", "ext4"},
      {"xfs", "CONFIG_XFS_FS", "XFS"},
      // No devices by itself: the gates make theirs through configfs.
      {"null_blk", "CONFIG_BLK_DEV_NULL_BLK", "null block device", false, "nr_devices=0"},
      {"dm_mod", "CONFIG_BLK_DEV_DM", "device mapper"},
      {"nbd", "CONFIG_BLK_DEV_NBD", "network block device", false, "nbds_max=2 max_part=0"},
      {"fuse", "CONFIG_FUSE_FS", "FUSE"},
      {"tun", "CONFIG_TUN", "TAP interfaces"},
      // rdma_rxe asks the crypto layer for crc32 by name, as above (rxe_register_device()).
      {"crc32_generic", "", "CRC32"},
      {"rdma_rxe", "CONFIG_RDMA_RXE", "RDMA in software"},
      {"ib_uverbs", "CONFIG_INFINIBAND_USER_ACCESS", "RDMA for user space"},
  };
  return wanted;
}

Result<ModulePlan> plan_modules(const fs::path& tree, const std::vector<WantedModule>& wanted) {
  ModulePlan plan;
  if (tree.empty()) return plan;
  std::error_code code;
  if (!fs::exists(tree / "modules.dep.bin", code))
    return Error{fmt::format("{} has no modules.dep.bin: run depmod over it", tree.string())};
  const char* const no_configuration = nullptr;
  Context context(kmod_new(tree.c_str(), &no_configuration));
  if (!context) return Error{"read the modules in " + tree.string(), ENOMEM};
  Planner planner(std::move(context));
  for (const WantedModule& module : wanted) {
    if (planner.add(module) != Found::nowhere) continue;
    if (module.needed)
      return Error{
          fmt::format("kernel has no {}: {} ({})", module.what, module.name, module.config)};
    if (!module.config.empty())
      plan.missing.push_back(fmt::format("{} ({})", module.name, module.config));
  }
  plan.files = planner.take();
  for (const ModuleFile& file : plan.files)
    if (!fs::exists(file.path, code))
      return Error{fmt::format("{} is named by modules.dep but not there", file.path.string())};
  return plan;
}

}  // namespace daxbreak
