CREATE TABLE `catalogue_changes` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` text DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
	`token` text NOT NULL,
	`action` text NOT NULL,
	`resource` text NOT NULL,
	`manufacturer` text NOT NULL,
	`name` text NOT NULL,
	`before_sha256` text,
	`after_sha256` text,
	CONSTRAINT "catalogue_changes_action" CHECK(action IN ('create', 'update', 'delete')),
	CONSTRAINT "catalogue_changes_resource" CHECK(resource IN ('products', 'batteries'))
);
--> statement-breakpoint
CREATE INDEX `changes_by_row` ON `catalogue_changes` (`resource`,`manufacturer`,`name`);--> statement-breakpoint
DROP INDEX `batteries_product`;--> statement-breakpoint
DROP INDEX `batteries_chemistry`;--> statement-breakpoint
DROP INDEX `batteries_format`;--> statement-breakpoint
DROP INDEX `batteries_manufacturer`;--> statement-breakpoint
DROP INDEX `batteries_capacity`;--> statement-breakpoint
CREATE INDEX `batteries_by_product_id` ON `lithium_ion_batteries` (`product_id`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_by_manufacturer` ON `lithium_ion_batteries` (`manufacturer`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_by_model` ON `lithium_ion_batteries` (`model`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_by_kind` ON `lithium_ion_batteries` (`kind`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_by_chemistry` ON `lithium_ion_batteries` (`chemistry`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_by_format` ON `lithium_ion_batteries` (`format`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_by_size_code` ON `lithium_ion_batteries` (`size_code`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_by_nominal_capacity_mah` ON `lithium_ion_batteries` (`nominal_capacity_mah`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_by_energy_mwh` ON `lithium_ion_batteries` (`energy_mwh`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_by_nominal_voltage_mv` ON `lithium_ion_batteries` (`nominal_voltage_mv`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_by_maximum_continuous_charging_current_ma` ON `lithium_ion_batteries` (`maximum_continuous_charging_current_ma`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_by_maximum_continuous_discharging_current_ma` ON `lithium_ion_batteries` (`maximum_continuous_discharging_current_ma`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_by_maximum_pulse_discharging_current_ma` ON `lithium_ion_batteries` (`maximum_pulse_discharging_current_ma`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_by_mass_mg` ON `lithium_ion_batteries` (`mass_mg`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_by_diameter_um` ON `lithium_ion_batteries` (`diameter_um`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_by_height_um` ON `lithium_ion_batteries` (`height_um`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_by_width_um` ON `lithium_ion_batteries` (`width_um`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_by_thickness_um` ON `lithium_ion_batteries` (`thickness_um`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_by_ac_internal_resistance_uohm` ON `lithium_ion_batteries` (`ac_internal_resistance_uohm`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_by_dc_internal_resistance_uohm` ON `lithium_ion_batteries` (`dc_internal_resistance_uohm`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_by_cycle_life` ON `lithium_ion_batteries` (`cycle_life`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_by_minimum_discharging_temperature_mdegc` ON `lithium_ion_batteries` (`minimum_discharging_temperature_mdegc`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_by_maximum_discharging_temperature_mdegc` ON `lithium_ion_batteries` (`maximum_discharging_temperature_mdegc`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_by_specific_energy_mwh_per_kg` ON `lithium_ion_batteries` (`specific_energy_mwh_per_kg`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_by_energy_density_mwh_per_l` ON `lithium_ion_batteries` (`energy_density_mwh_per_l`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_chemistry_by_nominal_capacity_mah` ON `lithium_ion_batteries` (`chemistry`,`nominal_capacity_mah`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_chemistry_by_specific_energy_mwh_per_kg` ON `lithium_ion_batteries` (`chemistry`,`specific_energy_mwh_per_kg`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_format_by_nominal_capacity_mah` ON `lithium_ion_batteries` (`format`,`nominal_capacity_mah`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_format_by_specific_energy_mwh_per_kg` ON `lithium_ion_batteries` (`format`,`specific_energy_mwh_per_kg`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_manufacturer_by_nominal_capacity_mah` ON `lithium_ion_batteries` (`manufacturer`,`nominal_capacity_mah`,`sequence`);--> statement-breakpoint
CREATE INDEX `batteries_manufacturer_by_specific_energy_mwh_per_kg` ON `lithium_ion_batteries` (`manufacturer`,`specific_energy_mwh_per_kg`,`sequence`);--> statement-breakpoint
DROP INDEX `products_manufacturer`;--> statement-breakpoint
DROP INDEX `products_category`;--> statement-breakpoint
DROP INDEX `products_status`;--> statement-breakpoint
DROP INDEX `products_name`;--> statement-breakpoint
ALTER TABLE `products` ADD `sequence` integer GENERATED ALWAYS AS (id) VIRTUAL;--> statement-breakpoint
CREATE INDEX `products_by_name` ON `products` (`name`,`sequence`);--> statement-breakpoint
CREATE INDEX `products_by_manufacturer` ON `products` (`manufacturer`,`sequence`);--> statement-breakpoint
CREATE INDEX `products_by_sku` ON `products` (`sku`,`sequence`);--> statement-breakpoint
CREATE INDEX `products_by_category` ON `products` (`category`,`sequence`);--> statement-breakpoint
CREATE INDEX `products_by_status` ON `products` (`status`,`sequence`);--> statement-breakpoint
CREATE INDEX `products_category_by_name` ON `products` (`category`,`name`,`sequence`);--> statement-breakpoint
CREATE INDEX `products_status_by_name` ON `products` (`status`,`name`,`sequence`);--> statement-breakpoint
CREATE INDEX `products_manufacturer_by_name` ON `products` (`manufacturer`,`name`,`sequence`);