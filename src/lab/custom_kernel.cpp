// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <fstream>

#include "lab/kernel_fetch.h"

namespace daxbreak {
namespace {

namespace fs = std::filesystem;

// Offsets in the bzImage's header, Documentation/arch/x86/boot.rst.
constexpr std::size_t setup_sectors_at = 0x1f1;    // 1 byte
constexpr std::size_t system_size_at = 0x1f4;      // 4 bytes, units of 16 bytes
constexpr std::size_t boot_flag_at = 0x1fe;        // 0xaa55
constexpr std::size_t magic_at = 0x202;            // "HdrS"
constexpr std::size_t version_pointer_at = 0x20e;  // 2 bytes, 0x200 less than the file offset
constexpr std::size_t header_end = 0x268;

std::uint32_t little(const std::string& bytes, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = count; i-- > 0;)
    value = (value << 8) | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

/// The folder with modules.dep, wherever in `given` it is.
Result<fs::path> find_modules(const fs::path& given, const std::string& release) {
  std::error_code code;
  if (!fs::is_directory(given, code)) return Error{given.string() + " is not a folder"};
  const std::array<fs::path, 4> places = {given, given / "lib" / "modules" / release,
                                          given / "usr" / "lib" / "modules" / release,
                                          given / release};
  for (const fs::path& place : places)
    if (fs::exists(place / "modules.dep.bin", code)) return fs::canonical(place, code);
  for (const fs::path& place : places)
    if (fs::exists(place / "modules.order", code) || fs::exists(place / "modules.dep", code))
      return Error{fmt::format("{} has modules but no index: run depmod over it", place.string())};
  return Error{fmt::format("{} holds no modules for the kernel {}", given.string(), release)};
}

}  // namespace

Result<std::string> kernel_version_line(const fs::path& bzimage) {
  std::error_code code;
  if (!fs::exists(bzimage, code)) return Error{"open the kernel " + bzimage.string(), ENOENT};
  if (!fs::is_regular_file(bzimage, code))
    return Error{bzimage.string() + " is not a kernel: it is not a file"};
  const std::uint64_t size = fs::file_size(bzimage, code);
  std::ifstream file(bzimage, std::ios::binary);
  if (!file) return errno_error("open the kernel " + bzimage.string());
  // The setup part is at most 64 sectors (boot.rst) and holds the version line.
  std::string head(std::size_t{65} * 512, '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(file.gcount()));

  if (head.starts_with("\177ELF"))
    return Error{bzimage.string() +
                 " is an ELF file (vmlinux?); the lab boots a bzImage: arch/x86/boot/bzImage"};
  if (head.empty()) return Error{bzimage.string() + " is empty: no kernel"};
  const bool has_flag = head.size() >= boot_flag_at + 2 && little(head, boot_flag_at, 2) == 0xaa55;
  if (head.size() >= header_end && (!has_flag || head.compare(magic_at, 4, "HdrS") != 0))
    return Error{bzimage.string() + " is not a bzImage: it has no Linux boot header"};
  if (head.size() < header_end)
    return Error{fmt::format("{} is too short ({} bytes) to be a kernel", bzimage.string(), size)};

  std::uint64_t sectors = little(head, setup_sectors_at, 1);
  if (sectors == 0) sectors = 4;
  const std::uint64_t whole =
      (sectors + 1) * 512 + std::uint64_t{little(head, system_size_at, 4)} * 16;
  if (size < whole)
    return Error{
        fmt::format("{} is truncated: {} bytes of {} are there", bzimage.string(), size, whole)};
  const std::size_t version_at = std::size_t{little(head, version_pointer_at, 2)} + 0x200;
  if (version_at <= 0x200 || version_at >= head.size())
    return Error{bzimage.string() + " does not say its version"};
  return std::string(head.c_str() + version_at);
}

Result<KernelImage> custom_kernel(const fs::path& bzimage, const std::optional<fs::path>& modules) {
  auto line = kernel_version_line(bzimage);
  if (!line) return line.error();
  KernelImage image;
  image.name = bzimage.filename();
  image.version = *line;
  image.release = line->substr(0, line->find(' '));
  std::error_code code;
  image.vmlinuz = fs::absolute(bzimage, code);
  image.origin = image.vmlinuz;
  if (modules) {
    auto found = find_modules(*modules, image.release);
    if (!found) return found.error();
    image.modules = *found;
  } else {
    image.note = "came without --modules: what the lab needs must be built in";
  }
  return image;
}

}  // namespace daxbreak
