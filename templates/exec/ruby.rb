# frozen_string_literal: true

# Required by the Ruby processes of `pinstripe exec`: a connection to one of the API's hosts leads to the server on this machine,
# whose authority is trusted. No other connection is touched. Nothing here has a name that a program could meet.
lambda do
  hosts = "{{hosts}}".split
  https, http = "{{https_port}}".to_i, "{{http_port}}".to_i
  ports = { "443" => https, "https" => https, "80" => http, "http" => http }
  # The port of the server here for an address of the API, nothing for any other.
  port_of = ->(host, port) { ports[port.to_s] if host.is_a?(String) && hosts.include?(host.downcase.chomp(".")) }
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
      super(io, context, *rest)
    end
    keywords.call(self, :initialize)
  end

  # What is not loaded costs a program nothing.
  waiting = {
    "TCPSocket" => -> { TCPSocket.prepend(connections) },
    "Addrinfo" => -> { Addrinfo.singleton_class.prepend(lookups) },
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
