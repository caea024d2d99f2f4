# Connections that claim to lead to Stripe, and lead to another server that the program trusts: FILE PORT.
require "net/http"

file, port = ARGV[0], ARGV[1].to_i

def attempt(way)
  puts "#{way}: #{yield}"
rescue OpenSSL::SSL::SSLError => error
  puts "#{way}: #{error.message}"
end

attempt("connect") do
  context = OpenSSL::SSL::SSLContext.new
  context.set_params(ca_file: file)
  secure = OpenSSL::SSL::SSLSocket.new(Addrinfo.tcp("127.0.0.1", port).connect, context)
  secure.hostname = "api.stripe.com"
  secure.connect
  "connected"
end

[OpenSSL::SSL::VERIFY_PEER, OpenSSL::SSL::VERIFY_NONE].each do |mode|
  http = Net::HTTP.new("api.stripe.com", port)
  http.ipaddr = "127.0.0.1"
  http.use_ssl = true
  http.ca_file = file
  http.verify_mode = mode
  attempt("Net::HTTP") { http.get("/").code }
end
