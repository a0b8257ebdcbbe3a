// SPDX-License-Identifier: GPL-2.0
#include "workloads/pin/soft_rdma.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <rdma/ib_user_ioctl_verbs.h>
#include <rdma/ib_user_verbs.h>
#include <rdma/rdma_netlink.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file.h"

namespace daxbreak {
namespace {

namespace fs = std::filesystem;

template <class T>
void append(std::vector<char>& bytes, const T& value) {
  const std::size_t at = bytes.size();
  bytes.resize(at + sizeof value);
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

void append_text(std::vector<char>& bytes, std::uint16_t type, std::string_view text) {
  const auto length = static_cast<std::uint16_t>(NLA_HDRLEN + text.size() + 1);
  append(bytes, nlattr{.nla_len = length, .nla_type = type});
  bytes.insert(bytes.end(), text.begin(), text.end());
  bytes.push_back('\0');
  bytes.resize(NLA_ALIGN(bytes.size()), '\0');
}

/// What `rdma link add NAME type rxe netdev INTERFACE` does.
Result<void> add_link(const std::string& name, const std::string& interface) {
  const Fd link(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_RDMA));
  if (!link) return Error{"RDMA (modprobe rdma_rxe)", ENOSYS};
  std::vector<char> request;
  append(request, nlmsghdr{.nlmsg_len = 0,
                           .nlmsg_type = RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, RDMA_NLDEV_CMD_NEWLINK),
                           .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
                           .nlmsg_seq = 1,
                           .nlmsg_pid = 0});
  append_text(request, RDMA_NLDEV_ATTR_DEV_NAME, name);
  append_text(request, RDMA_NLDEV_ATTR_LINK_TYPE, "rxe");
  append_text(request, RDMA_NLDEV_ATTR_NDEV_NAME, interface);
  const auto length = static_cast<std::uint32_t>(request.size());
  std::memcpy(request.data(), &length, sizeof length);  // nlmsg_len is the first field
  if (::send(link.get(), request.data(), request.size(), 0) < 0)
    return errno_error("add a rxe device");
  struct {
    nlmsghdr head;
    nlmsgerr error;
    std::array<char, 512> rest;
  } answer{};
  if (::recv(link.get(), &answer, sizeof answer, 0) < 0) return errno_error("add a rxe device");
  // -EINVAL: no such type of link, rdma_rxe is not loaded (drivers/infiniband/core/nldev.c).
  if (answer.error.error == -EINVAL || answer.error.error == -EOPNOTSUPP)
    return Error{"rxe (modprobe rdma_rxe)", ENOSYS};
  if (answer.error.error != 0) return Error{"add a rxe device", -answer.error.error};
  return ok();
}

/// The node of an RDMA device: "/dev/infiniband/uverbs0".
Result<std::string> node_of(const std::string& name) {
  for (const Deadline deadline(std::chrono::seconds(1));;) {
    std::error_code failed;
    for (fs::directory_iterator at("/sys/class/infiniband_verbs", failed), end;
         !failed && at != end; at.increment(failed)) {
      const auto device = read_line(at->path() / "ibdev");
      const std::string node = "/dev/infiniband/" + at->path().filename().string();
      if (device && *device == name && ::access(node.c_str(), R_OK | W_OK) == 0) return node;
    }
    if (deadline.passed()) return Error{"find the node of the rxe device", ENOENT};
    sleep_for(std::chrono::milliseconds(2));
  }
}

/// A command of the write(2) interface (drivers/infiniband/core/uverbs_main.c, ib_uverbs_write()).
template <class Command>
Result<void> command(int fd, std::uint32_t number, const Command& body, std::size_t answer,
                     const char* doing) {
  std::vector<char> request;
  append(request, ib_uverbs_cmd_hdr{.command = number,
                                    .in_words = (sizeof(ib_uverbs_cmd_hdr) + sizeof body) / 4,
                                    .out_words = static_cast<std::uint16_t>(answer / 4)});
  append(request, body);
  if (::write(fd, request.data(), request.size()) != static_cast<ssize_t>(request.size()))
    return errno_error(doing);
  return ok();
}

template <class T>
std::uint64_t address_of(T& value) {
  return reinterpret_cast<std::uintptr_t>(&value);
}

}  // namespace

Result<SoftRdma> SoftRdma::make() {
  SoftRdma made;
  made.interface_ = Fd(::open("/dev/net/tun", O_RDWR | O_CLOEXEC));
  if (!made.interface_) return Error{"TAP interfaces (modprobe tun)", ENOSYS};
  ifreq wish{};
  std::strcpy(wish.ifr_name, "daxbreak%d");
  wish.ifr_flags = IFF_TAP | IFF_NO_PI;
  if (::ioctl(made.interface_.get(), TUNSETIFF, &wish) != 0)
    return errno_error("make a TAP interface");
  const std::string name = "daxbreak-rxe-" + std::to_string(::getpid());
  if (auto added = add_link(name, wish.ifr_name); !added) return added.error();
  auto node = node_of(name);
  if (!node) return node.error();
  auto verbs = open_file(*node, O_RDWR);
  if (!verbs) return verbs.error();
  made.verbs_ = std::move(*verbs);
  if (auto opened = made.open_context(); !opened) return opened.error();
  return made;
}

Result<void> SoftRdma::open_context() {
  ib_uverbs_get_context_resp context{};
  if (auto done = command(verbs_.get(), IB_USER_VERBS_CMD_GET_CONTEXT,
                          ib_uverbs_get_context{.response = address_of(context)}, sizeof context,
                          "open a rxe device");
      !done)
    return done;
  events_ = Fd(static_cast<int>(context.async_fd));
  ib_uverbs_alloc_pd_resp domain{};
  if (auto done = command(verbs_.get(), IB_USER_VERBS_CMD_ALLOC_PD,
                          ib_uverbs_alloc_pd{.response = address_of(domain)}, sizeof domain,
                          "make a protection domain");
      !done)
    return done;
  domain_ = domain.pd_handle;
  return ok();
}

Result<void> SoftRdma::register_memory(std::span<std::byte> memory) {
  ib_uverbs_reg_mr_resp region{};
  const auto start = reinterpret_cast<std::uintptr_t>(memory.data());
  const ib_uverbs_reg_mr wish{.response = address_of(region),
                              .start = start,
                              .length = memory.size(),
                              .hca_va = start,
                              .pd_handle = domain_,
                              .access_flags = IB_UVERBS_ACCESS_LOCAL_WRITE |
                                              IB_UVERBS_ACCESS_REMOTE_WRITE |
                                              IB_UVERBS_ACCESS_REMOTE_READ};
  auto done = command(verbs_.get(), IB_USER_VERBS_CMD_REG_MR, wish, sizeof region,
                      "register memory for RDMA");
  region_ = region.mr_handle;
  return done;
}

Result<void> SoftRdma::deregister() {
  return command(verbs_.get(), IB_USER_VERBS_CMD_DEREG_MR, ib_uverbs_dereg_mr{.mr_handle = region_},
                 0, "deregister memory");
}

}  // namespace daxbreak
