# frozen_string_literal: true

# Required by the Ruby processes of `pinstripe exec`: a connection to one of the API's hosts leads to the server on this machine,
# and one that leads elsewhere ends before anything is said. No other connection is touched. Nothing here has a name that a program
# could meet.
lambda do
  hosts = "{{hosts}}".split
  https, http = "{{https_port}}".to_i, "{{http_port}}".to_i
  ports = { "443" => https, "https" => https, "80" => http, "http" => http }
  is_ours = ->(host) { host.is_a?(String) && hosts.include?(host.downcase.chomp(".")) }
  # The port of the server here for an address of the API, nothing for any other.
  port_of = ->(host, port) { ports[port.to_s] if is_ours.call(host) }
  keywords = ->(patch, name) { patch.send(:ruby2_keywords, name) if patch.respond_to?(:ruby2_keywords, true) }

  connections = Module.new do
    define_method(:initialize) do |host, port = nil, *rest|
      ours = port_of.call(host, port)
      # An address of another network to connect from would not reach this one.
      ours ? super("127.0.0.1", ours, *rest.grep(Hash)) : super(host, port, *rest)
    end
    keywords.call(self, :initialize)
  end

  lookups = Module.new do
    define_method(:getaddrinfo) do |host, port = nil, *rest|
      ours = port_of.call(host, port)
      ours ? super("127.0.0.1", ours, nil, *rest.drop(1)) : super(host, port, *rest)
    end
    keywords.call(self, :getaddrinfo)
  end

  # Net::HTTP asks the proxy in http_proxy for https, too.
  proxies = Module.new do
    define_method(:find_proxy) { |*rest| is_ours.call(hostname) ? nil : super(*rest) }
  end

  vouches = lambda do |by, certificate|
    certificate && certificate.verify(by.public_key)
  rescue OpenSSL::OpenSSLError
    # A key of another kind.
    false
  end

  authority = nil
  # Libraries bring certificates of their own. This authority vouches for nobody but the API's hosts and this machine.
  trust = Module.new do
    define_method(:initialize) do |io, context = OpenSSL::SSL::SSLContext.new, *rest|
      authority ||= OpenSSL::X509::Certificate.new(File.read("{{authority}}"))
      context.cert_store ||= OpenSSL::X509::Store.new unless context.frozen?
      begin
        context.cert_store.add_cert(authority) if context.cert_store
      rescue OpenSSL::X509::StoreError
        # It has been added before.
      end
      # The inner one of two `exec` around each other says who may answer.
      @pinstripe_exec ||= authority
      super(io, context, *rest)
    end
    keywords.call(self, :initialize)

    %i[connect connect_nonblock].each do |name|
      define_method(name) do |*rest|
        connected = super(*rest)
        if connected.equal?(self) && is_ours.call(hostname) && !vouches.call(@pinstripe_exec, peer_cert)
          raise OpenSSL::SSL::SSLError, "pinstripe exec: this connection to #{hostname} leads to another server"
        end
        connected
      end
      keywords.call(self, name)
    end
  end

  # What is not loaded costs a program nothing.
  waiting = {
    "TCPSocket" => -> { TCPSocket.prepend(connections) },
    "Addrinfo" => -> { Addrinfo.singleton_class.prepend(lookups) },
    "URI::Generic" => -> { URI::Generic.prepend(proxies) },
    "OpenSSL::SSL::SSLSocket" => -> { OpenSSL::SSL::SSLSocket.prepend(trust) }
  }
  defined_now = ->(name) { name.split("::").reduce(Object) { |at, part| at && !at.autoload?(part) && at.const_defined?(part, false) && at.const_get(part, false) } }
  install = -> { waiting.delete_if { |name, patch| defined_now.call(name) && patch.call } }

  # Ruby would warn that `require` is defined again.
  verbose, $VERBOSE = $VERBOSE, nil
  Kernel.module_eval do
    load_file = instance_method(:require)
    define_method(:require) do |path|
      loaded = load_file.bind(self).call(path)
      install.call if loaded && !waiting.empty?
      loaded
    end
    private :require
  end
  $VERBOSE = verbose
  install.call
end.call
