# A script of Ruby's own library: it knows no server but Stripe's.
require "json"
require "net/http"
require "open-uri"

url = URI("https://api.stripe.com/v1/customers")
request = Net::HTTP::Post.new(url)
request.basic_auth(ENV["STRIPE_API_KEY"], "")
request.set_form_data("email" => "ada@example.com")
Net::HTTP.start(url.host, url.port, use_ssl: true) { |http| puts "start #{JSON.parse(http.request(request).body)["email"]}" }

http = Net::HTTP.new(url.host, url.port)
http.use_ssl = true
http.cert_store = OpenSSL::X509::Store.new
puts "own certificates #{http.request(request).code}"

http = Net::HTTP.new(url.host, url.port)
http.use_ssl = true
http.ca_file = Dir["/etc/ssl/certs/*.pem"].first
puts "own file #{http.request(request).code}"

puts "open-uri #{URI.open(url, "Authorization" => "Bearer #{ENV["STRIPE_API_KEY"]}").status.first}"
puts "socket #{Socket.tcp("files.stripe.com", 443) { |socket| socket.remote_address.ipv4_loopback? }}"
