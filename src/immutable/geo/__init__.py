"""Where an address is. `country.mmdb` beside this file is the CC0 data set of the ip-location-db project (see NOTICE)."""
