// Certificates: of this connection, out of headers, and such as cannot be taken.

#include <string>
#include <vector>

#include "expect.hpp"

namespace {

using namespace tollgate;

std::string base64(const std::string &binary) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t at = 0; at < binary.size(); at += 3) {
        unsigned group = 0;
        for (std::size_t n = 0; n < 3; ++n) {
            const auto byte = at + n < binary.size() ? binary[at + n] : '\0';
            group = group << 8 | static_cast<unsigned char>(byte);
        }
        for (std::size_t n = 0; n < 4; ++n) {
            text += at + n <= binary.size() ? digits[group >> (18 - 6 * n) & 63] : '=';
        }
    }
    return text;
}

void of_a_connection(const folder &files) {
    const gate gate = files.gate();
    scratch scratch;
    const std::string pem = files.read("pc7.pem");
    const std::string der = files.read("pc7.der");
    const bytes chain[] = {der};
    const peer by_der = peer::from_chain(chain, 1);
    const peer by_pem = peer::from_pem(pem);
    EXPECT(by_der.status().number() == TOLLGATE_DONE && by_der.has_certificates());
    EXPECT(by_der.thumbprint() && by_der.thumbprint() == by_pem.thumbprint());
    const answer said = gate.check(scratch, request().with_peer(by_der));
    EXPECT(said && said.id() == "pki:corp:dns:pc7.contoso.com" && said.kind() == kind::device);
    EXPECT(gate.check(request().with_peer(by_pem)));

    const std::string token = files.read("user.jwt");
    const answer both = gate.check(scratch, request(token).with_peer(by_der));
    EXPECT(both && both.method() == method::entra && both.has_certificate());
    EXPECT(both.certificate() == "pki:corp:dns:pc7.contoso.com");
    const std::string strangers = files.read("other-pc7.pem");
    const peer stranger = peer::from_pem(strangers);
    EXPECT(gate.check(request().with_peer(stranger)).status().number() ==
           TOLLGATE_REASON_CERTIFICATE_UNTRUSTED);
}

void of_a_bound_token(const folder &files) {
    const gate gate = files.gate();
    scratch scratch;
    const std::string token = files.read("laptop9.jwt");
    const std::string own = files.read("laptop9.pem");
    const std::string others = files.read("pc7.pem");
    EXPECT(gate.check(request(token)).status().number() == TOLLGATE_REASON_PROOF_MISSING);
    const peer other = peer::from_pem(others);
    EXPECT(gate.check(request(token).with_peer(other)).status().number() ==
           TOLLGATE_REASON_PROOF_MISMATCH);
    const peer owner = peer::from_pem(own);
    const answer said = gate.check(scratch, request(token).with_peer(owner));
    EXPECT(said && said.is_bound() && said.method() == method::site);
    EXPECT(said.id() == "site:" + files.read("site.id") + ":" + files.read("client.id"));
    EXPECT(said.device() && said.device_text() == files.read("client.id"));
}

void that_cannot_be_taken(const folder &files) {
    const gate gate = files.gate();
    const std::string token = files.read("user.jwt");
    const auto refuses = [&](const peer &client, std::int32_t number) {
        EXPECT(client.status().number() == number && !client.thumbprint());
        const verdict said = gate.check(request(token).with_peer(client));
        return !said && (number < 0 || said.status() == client.status());
    };
    EXPECT(refuses(peer::from_pem("no certificate"), TOLLGATE_REASON_CERTIFICATE_MALFORMED));
    const bytes junk[] = {{"\x30\x03\x02\x01", 4}};
    EXPECT(refuses(peer::from_chain(junk, 1), TOLLGATE_REASON_CERTIFICATE_MALFORMED));
    const std::string der = files.read("pc7.der");
    const std::vector<bytes> many(64, der);
    EXPECT(refuses(peer::from_chain(many.data(), many.size()), TOLLGATE_REASON_CHAIN_TOO_LARGE));
    const std::vector<header> headers(TOLLGATE_HEADERS_MOST + 1, {"Accept", "*/*"});
    EXPECT(refuses(gate.peer_from_unix_headers(headers.data(), headers.size()), TOLLGATE_REASON_CHAIN_TOO_LARGE));
    // Misuse makes no peer, and is no leave to come without one.
    EXPECT(refuses(peer::from_chain(nullptr, 1), TOLLGATE_E_NULL));
    EXPECT(refuses(gate.peer_from_headers({"12345", 5}, headers.data(), 1), TOLLGATE_E_ARGUMENT));
    // The next peer of the same request counts, and only it.
    const std::string pem = files.read("pc7.pem");
    const peer lost = peer::from_chain(nullptr, 1);
    const peer good = peer::from_pem(pem);
    request asked(token);
    EXPECT(!gate.check(asked.with_peer(lost)) && gate.check(asked.with_peer(good)));
}

void of_a_proxy(const folder &files) {
    const gate gate = files.gate();
    scratch scratch;
    const std::string value = ":" + base64(files.read("pc7.der")) + ":";
    const header headers[] = {{"Host", "example.org"}, {"client-cert", value}, {"Client-Cert", value}};
    const std::array<std::uint8_t, 4> proxy{127, 0, 0, 1};
    const std::array<std::uint8_t, 4> stranger{10, 0, 0, 1};
    const peer passed = gate.peer_from_headers(proxy, headers, 2);
    EXPECT(passed.status().number() == TOLLGATE_DONE && passed.has_certificates());
    const answer said = gate.check(scratch, request().with_peer(passed));
    EXPECT(said && said.id() == "pki:corp:dns:pc7.contoso.com" && !said.is_bound());
    // No address is not the unix socket.
    EXPECT(gate.peer_from_headers({}, headers, 2).status().number() == TOLLGATE_E_ARGUMENT);
    const peer by_socket = gate.peer_from_unix_headers(headers, 2);
    EXPECT(gate.check(request().with_peer(by_socket)));
    EXPECT(gate.peer_from_headers(stranger, headers, 2).status().number() ==
           TOLLGATE_REASON_SENDER_NOT_TRUSTED);
    EXPECT(gate.peer_from_headers(proxy, headers, 3).status().number() ==
           TOLLGATE_REASON_CERTIFICATE_TWICE);
    const peer none = gate.peer_from_headers(proxy, headers, 1);
    EXPECT(none.status().number() == TOLLGATE_DONE && !none.has_certificates());
    const std::string token = files.read("user.jwt");
    EXPECT(gate.check(request(token).with_peer(none)));
}

} // namespace

void peers(const folder &files) {
    of_a_connection(files);
    of_a_bound_token(files);
    that_cannot_be_taken(files);
    of_a_proxy(files);
}
